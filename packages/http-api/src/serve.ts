import type { Committed, SqlReader } from '@icn/state-machine/kernel'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { partsOf } from './check-parts.ts'
import type { HttpContext } from './context.ts'
import {
  type AnswerOf,
  type BodyOf,
  type ParamsOf,
  type QueryOf,
  type Route,
  type RouteName,
  routes,
} from './contract/index.ts'
import { entityTag, isNamed } from './entity-tag.ts'
import { nodeProblem } from './problem.ts'
import { type Prove, readProved } from './read-proved.ts'

/** What a route gets: parts of the request that passed their schemas. */
export interface Input<N extends RouteName> {
  readonly params: ParamsOf<N>
  readonly query: QueryOf<N>
  readonly body: BodyOf<N>
  /** Who is signed in. */
  readonly who: string | undefined
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** What a read gets besides: the state at one committed height. */
export interface ReadInput<N extends RouteName> extends Input<N> {
  readonly sql: SqlReader
  readonly at: Committed
  readonly prove: Prove
  /** The height that is asked for: the present one, or of what never changes an earlier one. */
  readonly height: number
}

/** Serves an operation of the contract: its schemas are checked before `work` runs. */
export function serve<N extends RouteName>(
  app: FastifyInstance,
  { sessions }: HttpContext,
  name: N,
  work: (input: Input<N>) => AnswerOf<N> | Promise<AnswerOf<N>> | FastifyReply | Promise<FastifyReply>,
): void {
  const route: Route = routes[name]
  const check = partsOf(route)
  app.route({
    method: route.method,
    url: route.path,
    handler: async (request, reply) => {
      const parts = check(request)
      const who = sessions.whoIs(request.headers.authorization)
      return work({ ...parts, who, request, reply } as Input<N>)
    },
  })
}

/**
 * Serves a read: at one height, which the answer names, with an entity tag.
 *
 * @param history - `kept`: blocks and what is in them, which can be read as of any height so far
 */
export function serveRead<N extends RouteName>(
  app: FastifyInstance,
  context: HttpContext,
  name: N,
  work: (input: ReadInput<N>) => AnswerOf<N>,
  history: 'present' | 'kept' = 'present',
): void {
  serve(app, context, name, (input) => {
    const { text, height } = readProved(context, (sql, at, prove) => {
      const asked = heightOf(input.query as { height?: number } | undefined, at, history)
      return { text: JSON.stringify(work({ ...input, sql, at, prove, height: asked })), height: asked }
    })
    return answerRead(input.request, input.reply, text, height)
  })
}

/** @param type - media type of the text */
export function answerRead(
  request: FastifyRequest,
  reply: FastifyReply,
  text: string,
  height: number,
  type = 'application/json',
): FastifyReply {
  const tag = entityTag(text)
  void reply.header('icn-height', height).header('etag', tag).header('cache-control', 'private, no-cache')
  if (isNamed(request.headers['if-none-match'], tag)) return reply.code(304).send()
  return reply.type(type).send(text)
}

/** @throws RequestProblem 404 for a height that is not kept, or not reached */
export function heightOf(
  query: { readonly height?: number } | undefined,
  at: Committed,
  history: 'present' | 'kept',
): number {
  const height = query?.height ?? at.height
  if (height === at.height || (history === 'kept' && height < at.height)) return height
  const isAhead = height > at.height
  throw nodeProblem(
    404,
    isAhead ? 'HEIGHT_NOT_REACHED' : 'HEIGHT_NOT_KEPT',
    isAhead ? `The network is at height ${at.height}.` : `The state at height ${height} is not kept.`,
    `Ask for height ${at.height}, or leave height out.`,
  )
}
