import { createServer } from 'node:http'
import { trustedGenesis } from '@icn/protocol/light'
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { createBatchRoom } from './batch-room.ts'
import type { HttpContext } from './context.ts'
import { parseJson } from './json.ts'
import { answerMalformed } from './malformed.ts'
import { watchMethods } from './methods.ts'
import { createMetrics } from './metrics.ts'
import { nodeProblem, RequestProblem, tooManyRequests, unsupportedMediaType } from './problem.ts'
import { createProver, isProving } from './proving-blocks.ts'
import { createRateLimit } from './rate-limit.ts'
import { eventRoutes } from './routes/events.ts'
import { healthRoutes } from './routes/health.ts'
import { identifierRoutes } from './routes/identifiers.ts'
import { laneRoutes } from './routes/lanes.ts'
import { liveRoutes } from './routes/live.ts'
import { monitorRoutes } from './routes/monitor.ts'
import { networkRoutes } from './routes/network.ts'
import { organizationRoutes } from './routes/organizations.ts'
import { pageRoutes } from './routes/pages.ts'
import { proposalRoutes } from './routes/proposals.ts'
import { sessionRoutes } from './routes/sessions.ts'
import { transactionRoutes } from './routes/transactions.ts'
import { validatorRoutes } from './routes/validators.ts'
import { createSessions } from './sessions.ts'
import { isSubmission, submitFast } from './submit-fast.ts'

type Made = 'prover' | 'sessions' | 'metrics' | 'rateLimit' | 'batchRoom'
export type HttpApiOptions = Omit<HttpContext, Made> & { readonly logger: Logger }

export interface HttpApi {
  /** `http://127.0.0.1:7420` */
  readonly address: string
  close(): Promise<void>
}

/** Whoever sends slower than this is hung up on. */
const TIMES = { headersTimeout: 10_000, requestTimeout: 60_000, keepAliveTimeout: 65_000 }
const CHECK_MS = 5_000
const CLOSE_IDLE_MS = 50

const ROUTES = [
  networkRoutes,
  monitorRoutes,
  liveRoutes,
  validatorRoutes,
  identifierRoutes,
  organizationRoutes,
  proposalRoutes,
  transactionRoutes,
  sessionRoutes,
  laneRoutes,
  eventRoutes,
  healthRoutes,
  pageRoutes,
]

/** Serves the contract, the pages and the event stream of one node. */
export async function createHttpApi({ logger, ...options }: HttpApiOptions): Promise<HttpApi> {
  const { config, consensus, genesis, monitor, continues, keptPath } = options
  const rateLimit = createRateLimit(config.requestsPerSecond)
  const metrics = createMetrics(consensus, monitor)
  const batchRoom = createBatchRoom(consensus)
  const start = trustedGenesis(genesis, continues?.height)
  const prover = isProving(consensus) ? createProver(consensus, start, { keptPath }) : undefined
  const sessions = createSessions(genesis.chainId)
  const context: HttpContext = { ...options, prover, sessions, metrics, rateLimit, batchRoom }
  const app: FastifyInstance = fastify({
    bodyLimit: config.bodyLimitBytes,
    routerOptions: { maxParamLength: 200, ignoreTrailingSlash: false },
    forceCloseConnections: 'idle',
    clientErrorHandler: answerMalformed,
    frameworkErrors: (error, _request, reply) => void sendProblem(asProblem(error, logger), reply),
    serverFactory: (handle) => {
      const server = createServer({ ...TIMES, connectionsCheckingInterval: CHECK_MS }, (request, response) =>
        isSubmission(request) ? submitFast(context, request, response) : handle(request, response),
      )
      server.maxConnections = config.connections
      return server
    },
  })
  prepare(app, context, logger)
  for (const serveAll of ROUTES) serveAll(app, context)
  const address = await app.listen({ host: config.host, port: config.port })
  return { address, close: () => closeAll(app) }
}

/** A connection whose last request is answered while this closes stays open otherwise, until its client lets it go. */
async function closeAll(app: FastifyInstance): Promise<void> {
  const timer = setInterval(() => app.server.closeIdleConnections(), CLOSE_IDLE_MS)
  try {
    await app.close()
  } finally {
    clearInterval(timer)
  }
}

function prepare(app: FastifyInstance, { metrics, rateLimit }: HttpContext, logger: Logger): void {
  const methodsOf = watchMethods(app)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_: FastifyRequest, bytes: Buffer) =>
    parseJson(bytes),
  )
  app.addContentTypeParser(
    'application/octet-stream',
    { parseAs: 'buffer' },
    async (_: FastifyRequest, bytes: Buffer) => bytes,
  )
  app.addHook('onRequest', async (request) => {
    const seconds = rateLimit.take(request.ip)
    if (seconds === 0) return
    throw tooManyRequests(seconds)
  })
  app.addHook('onSend', async (_request, reply) => {
    void reply.header('x-content-type-options', 'nosniff').header('referrer-policy', 'no-referrer')
    if (reply.getHeader('content-security-policy') === undefined)
      void reply.header('content-security-policy', "default-src 'none'; frame-ancestors 'none'")
  })
  app.addHook('onResponse', async (request, reply) =>
    metrics.answered(request.routeOptions.url ?? 'none', reply.statusCode),
  )
  app.setNotFoundHandler(({ url, method }) => {
    const allowed = methodsOf(url.split('?', 1)[0] ?? '')
    if (allowed.length > 0) throw notAllowed(method, allowed)
    throw nodeProblem(404, 'NOT_FOUND', 'There is nothing at this address.', 'See /docs for what there is.')
  })
  app.setErrorHandler((error: FastifyError | RequestProblem, _request, reply) =>
    sendProblem(asProblem(error, logger), reply),
  )
}

function notAllowed(method: string, allowed: readonly string[]): RequestProblem {
  const list = allowed.join(', ')
  return nodeProblem(405, 'METHOD_NOT_ALLOWED', `This address does not take ${method}.`, `It takes ${list}.`, {
    allow: list,
  })
}

function sendProblem({ problem, headers }: RequestProblem, reply: FastifyReply): FastifyReply {
  return reply.code(problem.status).headers(headers).type('application/problem+json').send(JSON.stringify(problem))
}

/** What the framework refuses has a status; anything else is a bug of ours, told to the log and not to the sender. */
function asProblem(error: FastifyError | RequestProblem, logger: Logger): RequestProblem {
  if (error instanceof RequestProblem) return error
  const status = error.statusCode ?? 500
  if (status === 413)
    return nodeProblem(413, 'TOO_LARGE', 'The body is larger than this node takes.', 'Send less at once.')
  if (status === 415) return unsupportedMediaType()
  if (status === 414) return nodeProblem(414, 'URI_TOO_LONG', 'A part of the address is too long.', 'Check the id.')
  if (status < 500) return nodeProblem(status, 'BAD_REQUEST', error.message, 'See /docs for what this operation takes.')
  logger.error({ err: error }, 'a request failed')
  return nodeProblem(500, 'INTERNAL', 'The node made a mistake; it is in its log.', 'Try again, and tell the operator.')
}
