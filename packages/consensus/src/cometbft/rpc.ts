import { Agent, request } from 'node:http'

/** CometBFT did not answer a call, or with an error. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  /**
   * `REFUSED`: CometBFT answered with an error, in `message`. `UNREACHABLE`: nobody is there. `SILENT`: somebody is, and did
   * not answer in time.
   */
  readonly code: 'REFUSED' | 'UNREACHABLE' | 'SILENT'

  constructor(code: RpcError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

export interface RpcCall {
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

export type RpcResult = { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly error: string }

/** JSON-RPC of CometBFT over one connection that stays open. */
export interface Rpc {
  /** Many calls in one request, answered in order. @throws RpcError `UNREACHABLE`, `SILENT` */
  callAll(calls: readonly RpcCall[]): Promise<RpcResult[]>
  /** @throws RpcError */
  call(method: string, params?: Readonly<Record<string, unknown>>): Promise<unknown>
  close(): void
}

interface Answer {
  readonly id?: unknown
  readonly result?: unknown
  readonly error?: { readonly message?: unknown; readonly data?: unknown }
}

/** Of CometBFT as it is configured here, checking again all that waits takes ten seconds at most; meanwhile it takes nothing. */
const TIMEOUT_MS = 15_000

/** @param url - `http://127.0.0.1:26657` */
export function createRpc(url: string, timeoutMs = TIMEOUT_MS): Rpc {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 })

  async function callAll(calls: readonly RpcCall[]): Promise<RpcResult[]> {
    const body = JSON.stringify(calls.map((call, id) => ({ jsonrpc: '2.0', id, ...call })))
    const answers = parse(await post(url, agent, body, timeoutMs))
    // CometBFT answers a batch in its order; a batch of one comes without a list.
    return calls.map((_, id) => resultOf(answers[id]))
  }

  async function call(method: string, params: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const [result] = await callAll([{ method, params }])
    if (result?.ok) return result.result
    throw new RpcError('REFUSED', `${method}: ${result?.error ?? 'no answer'}`)
  }

  return { callAll, call, close: () => agent.destroy() }
}

function post(url: string, agent: Agent, body: string, timeoutMs: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const fail = (code: RpcError['code']) => (cause: unknown) =>
    reject(new RpcError(code, `no answer from CometBFT at ${url}`, { cause }))
  const unreachable = fail('UNREACHABLE')
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
  const sent = request(url, { method: 'POST', agent, headers, timeout: timeoutMs }, (response) => {
    const parts: Buffer[] = []
    response.on('data', (part: Buffer) => parts.push(part))
    response.once('end', () => resolve(Buffer.concat(parts).toString('utf8')))
    response.once('error', unreachable)
  })
  sent.once('error', unreachable)
  sent.once('timeout', () => {
    fail('SILENT')(new Error(`no answer within ${timeoutMs} ms`))
    sent.destroy()
  })
  sent.end(body)
  return promise
}

function parse(text: string): readonly Answer[] {
  try {
    const answers = JSON.parse(text) as Answer | Answer[]
    return Array.isArray(answers) ? answers : [answers]
  } catch (cause) {
    throw new RpcError('UNREACHABLE', `CometBFT answered with something else than JSON: ${text.slice(0, 80)}`, {
      cause,
    })
  }
}

function resultOf(answer: Answer | undefined): RpcResult {
  if (answer === undefined) return { ok: false, error: 'no answer' }
  if (answer.error === undefined) return { ok: true, result: answer.result }
  const { message = '', data = '' } = answer.error
  return { ok: false, error: `${message} ${data}`.trim() }
}
