import type { IncomingMessage, ServerResponse } from 'node:http'
import { Limits, TransactionReject } from '@icn/protocol'
import type { HttpContext } from './context.ts'
import { type RequestProblem, refusalProblem, tooManyRequests, unsupportedMediaType } from './problem.ts'
import { ownRefusal, receiptText } from './receipt.ts'

const PATH = '/v1/transactions'
const BYTES = 'application/octet-stream'
const PROBLEM = 'application/problem+json'

/** Whether a request goes the short way. */
export function isSubmission({ method, url }: IncomingMessage): boolean {
  return method === 'POST' && url !== undefined && (url === PATH || url.startsWith(`${PATH}?`))
}

/**
 * Answers `POST /v1/transactions`. PERF: half of what a node does is this request, so it goes around the framework, whose
 * routing and hooks take longer than executing a vote.
 */
export function submitFast(context: HttpContext, request: IncomingMessage, response: ServerResponse): void {
  const waitSeconds = context.rateLimit.take(request.socket.remoteAddress ?? '')
  const wait = waitOf(request.url ?? '')
  if (waitSeconds > 0) refuse(context, request, response, tooManyRequests(waitSeconds))
  else if (!isBytes(request.headers['content-type'])) refuse(context, request, response, unsupportedMediaType())
  else if (wait === undefined) refuseQuery(context, request, response)
  else receive(context, request, response, wait)
}

/** Without a type, a body is bytes (RFC 9110, 8.3). */
function isBytes(type: string | undefined): boolean {
  return type === BYTES || type === undefined || type.split(';', 1)[0]?.trim().toLowerCase() === BYTES
}

function receive(
  context: HttpContext,
  request: IncomingMessage,
  response: ServerResponse,
  wait: 'committed' | 'accepted',
): void {
  if (Number(request.headers['content-length'] ?? 0) > Limits.transactionBytes) {
    tooLarge(context, request, response)
    return
  }
  let body: Buffer | undefined
  let rest: Buffer[] | undefined
  let size = 0
  request.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > Limits.transactionBytes) tooLarge(context, request, response)
    else if (body === undefined) body = chunk
    else {
      rest ??= [body]
      rest.push(chunk)
    }
  })
  request.on('end', () => {
    if (size > Limits.transactionBytes) return
    void submit(context, rest === undefined ? (body ?? Buffer.alloc(0)) : Buffer.concat(rest), wait, response)
  })
  request.on('error', () => response.destroy())
}

async function submit(
  context: HttpContext,
  bytes: Uint8Array,
  wait: 'committed' | 'accepted',
  response: ServerResponse,
): Promise<void> {
  const submission = await context.consensus.submit(bytes, wait)
  if (submission.ok) return answer(context, response, 200, 'application/json', receiptText(submission))
  const { code, detail } = submission
  context.metrics.refused(submission)
  const problem = code === 0 ? ownRefusal(submission) : refusalProblem(code, detail)
  const headers = problem.status === 429 ? { 'retry-after': retryAfter(context, detail.retryAtMs) } : {}
  answer(context, response, problem.status, PROBLEM, JSON.stringify(problem), headers)
}

/** From now on: the last block may be minutes old. A clock put forward is ahead of this one, and its blocks show it. */
function retryAfter({ consensus }: HttpContext, retryAtMs: string | number | undefined): string {
  const nowMs = Math.max(consensus.status().timeMs, Date.now())
  return String(Math.max(1, Math.ceil((Number(retryAtMs ?? 0) - nowMs) / 1_000)))
}

function waitOf(url: string): 'committed' | 'accepted' | undefined {
  if (url === PATH) return 'committed'
  const query = new URLSearchParams(url.slice(PATH.length + 1))
  const wait = query.get('wait') ?? 'committed'
  const isKnown = [...query.keys()].every((name) => name === 'wait')
  return isKnown && (wait === 'committed' || wait === 'accepted') ? wait : undefined
}

function refuseQuery(context: HttpContext, request: IncomingMessage, response: ServerResponse): void {
  const hint = 'The one parameter is wait, committed or accepted.'
  const fields = { type: 'urn:icn:http:BAD_REQUEST', title: 'BAD_REQUEST', status: 400, code: 0, name: 'BAD_REQUEST' }
  discard(context, request, response, 400, { ...fields, detail: 'The query is not understood.', hint })
}

function tooLarge(context: HttpContext, request: IncomingMessage, response: ServerResponse): void {
  context.metrics.refused({ code: TransactionReject.TOO_LARGE })
  discard(
    context,
    request,
    response,
    413,
    refusalProblem(TransactionReject.TOO_LARGE, { limit: Limits.transactionBytes }),
  )
}

function refuse(
  context: HttpContext,
  request: IncomingMessage,
  response: ServerResponse,
  { problem, headers }: RequestProblem,
): void {
  discard(context, request, response, problem.status, problem, headers)
}

/** Answers without reading the body to its end. */
function discard(
  context: HttpContext,
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  problem: object,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (response.headersSent) return
  request.removeAllListeners('data')
  request.resume()
  answer(context, response, status, PROBLEM, JSON.stringify(problem), { ...headers, connection: 'close' })
}

function answer(
  { metrics }: HttpContext,
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  metrics.answered('submit', status)
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.end(text)
}
