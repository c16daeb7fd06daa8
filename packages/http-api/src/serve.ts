import { createHash } from 'node:crypto'
import type { Committed, SqlReader } from '@icn/state-machine/kernel'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
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
import { nodeProblem } from './problem.ts'

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
}

/** Serves an operation of the contract: its schemas are checked before `work` runs. */
export function serve<N extends RouteName>(
  app: FastifyInstance,
  { sessions }: HttpContext,
  name: N,
  work: (input: Input<N>) => AnswerOf<N> | Promise<AnswerOf<N>> | FastifyReply | Promise<FastifyReply>,
): void {
  const route: Route = routes[name]
  const check = checkerOf(route)
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

/** Serves a read: at one height, which the answer names, with an entity tag. */
export function serveRead<N extends RouteName>(
  app: FastifyInstance,
  context: HttpContext,
  name: N,
  work: (input: ReadInput<N>) => AnswerOf<N>,
): void {
  serve(app, context, name, (input) =>
    context.reader.read((sql, at) => {
      checkHeight(input.query as { height?: number } | undefined, at)
      const text = JSON.stringify(work({ ...input, sql, at }))
      return answerRead(input.request, input.reply, text, at)
    }),
  )
}

function answerRead(request: FastifyRequest, reply: FastifyReply, text: string, { height }: Committed): FastifyReply {
  const tag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
  void reply.header('icn-height', height).header('etag', tag).header('cache-control', 'private, no-cache')
  if (request.headers['if-none-match'] === tag) return reply.code(304).send()
  return reply.type('application/json').send(text)
}

/** History is not kept by rows yet, so the one height to be had is the present one. */
function checkHeight(query: { readonly height?: number } | undefined, at: Committed): void {
  if (query?.height === undefined || query.height === at.height) return
  throw nodeProblem(
    404,
    'HEIGHT_NOT_KEPT',
    `The state at height ${query.height} is not kept.`,
    `Ask for height ${at.height}, or leave height out.`,
  )
}

type Checker = (request: FastifyRequest) => {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

function checkerOf(route: Route): Checker {
  const params = partChecker(route.params, 'path')
  const query = partChecker(route.query, 'query')
  const body = partChecker(route.body, 'body')
  return (request) => ({ params: params(request.params), query: query(request.query), body: body(request.body) })
}

/** PERF: a schema is compiled when the first request needs it: all of them would take a fifth of a second at the start. */
function partChecker(schema: TSchema | undefined, where: 'path' | 'query' | 'body'): (value: unknown) => unknown {
  if (schema === undefined) return (value) => (where === 'query' ? refuseUnknown(value) : value)
  let compiled: ReturnType<typeof Compile> | undefined
  return (value) => {
    compiled ??= Compile(schema)
    const given = where === 'body' ? value : fromTexts(schema, value)
    if (compiled.Check(given)) return given
    const [error] = compiled.Errors(given)
    throw badRequest(where, error === undefined ? 'it does not fit' : `${error.instancePath || '/'} ${error.message}`)
  }
}

/** Path and query are texts; where the schema says integer, digits become one. */
function fromTexts(schema: TSchema, value: unknown): unknown {
  const properties = (schema as { properties?: Record<string, { type?: string }> }).properties ?? {}
  const entries = Object.entries((value ?? {}) as Record<string, unknown>).map(([name, text]) => {
    const isInteger = properties[name]?.type === 'integer' && typeof text === 'string' && /^\d{1,16}$/.test(text)
    return [name, isInteger ? Number(text) : text]
  })
  return Object.fromEntries(entries)
}

function refuseUnknown(value: unknown): unknown {
  const [name] = Object.keys((value ?? {}) as object)
  if (name !== undefined) throw badRequest('query', `it has no parameter ${name.slice(0, 64)}`)
  return value
}

function badRequest(where: string, what: string): Error {
  return nodeProblem(
    400,
    'BAD_REQUEST',
    `The ${where} of the request is not as it should be: ${what}.`,
    'See /docs for what this operation takes.',
  )
}
