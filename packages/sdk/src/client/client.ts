import { encodeCanonical } from '@icn/crypto'
import {
  type AnswerOf,
  type BodyOf,
  type ParamsOf,
  type QueryOf,
  type Route,
  type RouteName,
  routes,
} from '@icn/http-api/contract'
import { problemOf, Unreachable } from './errors.ts'
import { type NodeEvent, readEvents } from './events.ts'

export interface ClientOptions {
  /** `http://127.0.0.1:7420` */
  readonly url: string
  /** Token of a session, for organizations that only members read. */
  readonly token?: string
  readonly fetch?: typeof fetch
  /** A request that takes longer is given up; default 60 s. */
  readonly timeoutMs?: number
}

type Part<K extends string, T> = T extends undefined ? { readonly [P in K]?: undefined } : { readonly [P in K]: T }
type QueryPart<T> = T extends undefined ? { readonly query?: undefined } : { readonly query?: T }

/** Path parameters, query and body of an operation, as the contract has them. */
export type RequestOf<N extends RouteName> = Part<'params', ParamsOf<N>> &
  QueryPart<QueryOf<N>> &
  Part<'body', BodyOf<N>>

export type Receipt = AnswerOf<'submit'>
export type BatchReceipt = AnswerOf<'submitMany'>['items'][number]

/** Talks to one node. Every method rejects with ApiError for a refusal and Unreachable where nobody answers. */
export interface Client {
  readonly url: string
  /** Any operation of the contract by its name. */
  call<N extends RouteName>(name: N, request: RequestOf<N>): Promise<AnswerOf<N>>
  /** Signed bytes of one transaction; resolves when its block is on the node's disk, or with `accepted` when it waits. */
  submit(bytes: Uint8Array, wait?: 'committed' | 'accepted'): Promise<Receipt>
  /** Many at once; each is answered by itself, in order. @throws ApiError `BUSY` where the node takes none of them */
  submitMany(list: readonly Uint8Array[], wait?: 'committed' | 'accepted'): Promise<BatchReceipt[]>
  /** The audit bundle of a counted decision. */
  bundle(proposal: string): Promise<Uint8Array>
  /** What happens, as it happens; goes on by itself where the connection breaks, until `signal` ends it. */
  events(
    filter?: {
      readonly topic?: string
      readonly org?: string
      readonly subject?: string
      readonly lane?: number
      readonly lastEventId?: string
    },
    signal?: AbortSignal,
  ): AsyncIterable<NodeEvent>
  /** The same node with a session. */
  withToken(token: string): Client
}

const BYTES = 'application/octet-stream'
const RESOLUTION = 'application/did-resolution'

export function createClient(options: ClientOptions): Client {
  const { token, fetch: fetchWith = globalThis.fetch, timeoutMs = 60_000 } = options
  const url = options.url.replace(/\/+$/, '')
  const session: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }

  async function send(
    method: string,
    path: string,
    body?: { readonly type: string; readonly content: string | Uint8Array },
  ): Promise<Response> {
    const headers = body === undefined ? session : { ...session, 'content-type': body.type }
    const signal = AbortSignal.timeout(timeoutMs)
    const content = body === undefined ? {} : { body: body.content as Uint8Array<ArrayBuffer> | string }
    const response = await fetchWith(url + path, { method, headers, signal, ...content }).catch((cause: unknown) => {
      throw new Unreachable(`no node answers at ${url}`, { cause })
    })
    // A DID that is not resolved is an answer too, whatever its status.
    if (response.ok || response.headers.get('content-type')?.startsWith(RESOLUTION) === true) return response
    throw await problemOf(response, url)
  }

  async function call<N extends RouteName>(name: N, request: RequestOf<N>): Promise<AnswerOf<N>> {
    const route: Route = routes[name]
    const {
      params = {},
      query = {},
      body,
    } = request as { params?: Record<string, unknown>; query?: Record<string, unknown>; body?: unknown }
    const path = route.path.replaceAll(/:(\w+)/g, (_, part: string) => encodeURIComponent(String(params[part])))
    const content = body === undefined ? undefined : { type: 'application/json', content: JSON.stringify(body) }
    const response = await send(route.method, path + queryText(query), content)
    return (await response.json()) as AnswerOf<N>
  }

  return {
    url,
    call,
    submit: async (bytes, wait = 'committed') =>
      (
        await send('POST', `/v1/transactions${queryText({ wait })}`, { type: BYTES, content: bytes })
      ).json() as Promise<Receipt>,
    submitMany: async (list, wait = 'committed') => {
      const response = await send('POST', `/v1/transactions/batch${queryText({ wait })}`, {
        type: BYTES,
        content: encodeCanonical(list),
      })
      return ((await response.json()) as { items: BatchReceipt[] }).items
    },
    bundle: async (proposal) =>
      new Uint8Array(await (await send('GET', `/v1/proposals/${encodeURIComponent(proposal)}/bundle`)).arrayBuffer()),
    events: ({ lastEventId, ...filter } = {}, signal) =>
      readEvents(fetchWith, `${url}/v1/events${queryText(filter)}`, session, lastEventId, signal),
    withToken: (own) => createClient({ ...options, token: own }),
  }
}

function queryText(query: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(query).filter(([, value]) => value !== undefined)
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries.map(([name, value]) => [name, String(value)]))}`
}
