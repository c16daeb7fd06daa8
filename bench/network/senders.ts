import { Agent, request } from 'node:http'
import { encodeCanonical } from '@icn/crypto'

/** Hands transactions to one address, many in a request. */
export interface Sender {
  /** Makes the body of a request. */
  pack(transactions: readonly Uint8Array[]): Packed
  send(packed: Packed): Promise<{ readonly good: number; readonly text: string }>
  close(): void
}

export interface Packed {
  readonly count: number
  readonly body: Uint8Array
}

/** What each kind of node takes: ours a list in DAG-CBOR, CometBFT a batch of JSON-RPC calls. */
export function openSender(
  target: 'icn' | 'kvstore',
  url: string,
  wait: 'committed' | 'accepted',
  connections: number,
): Sender {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const close = () => agent.destroy()
  if (target === 'kvstore') {
    const pack = (transactions: readonly Uint8Array[]) => {
      const calls = transactions.map((tx, id) => {
        const params = { tx: Buffer.from(tx).toString('base64') }
        return { jsonrpc: '2.0', id, method: 'broadcast_tx_sync', params }
      })
      return { count: calls.length, body: Buffer.from(JSON.stringify(calls)) }
    }
    const send = async ({ body }: Packed) => {
      // Overloaded, CometBFT's RPC closes connections without a word.
      const text = await post(agent, url, 'application/json', body).catch(String)
      return { good: count(text, /"code":\s*0,/g), text }
    }
    return { pack, send, close }
  }
  const pack = (transactions: readonly Uint8Array[]) => {
    const [single] = transactions
    const isSingle = transactions.length === 1 && single !== undefined
    return { count: transactions.length, body: isSingle ? single : encodeCanonical(transactions) }
  }
  const send = async ({ count: many, body }: Packed) => {
    const path = `/v1/transactions${many === 1 ? '' : '/batch'}?wait=${wait}`
    const text = await post(agent, url + path, 'application/octet-stream', body)
    return { good: count(text, /"status":"(?:committed|accepted)"/g), text }
  }
  return { pack, send, close }
}

function count(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0
}

function post(agent: Agent, url: string, type: string, body: Uint8Array): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const headers = { 'content-type': type, 'content-length': body.length }
  const sent = request(url, { method: 'POST', agent, headers }, (response) => {
    const parts: Buffer[] = []
    response.on('data', (part: Buffer) => parts.push(part))
    response.once('end', () => resolve(Buffer.concat(parts).toString('utf8')))
    response.once('error', reject)
  })
  sent.once('error', reject)
  sent.end(body)
  return promise
}
