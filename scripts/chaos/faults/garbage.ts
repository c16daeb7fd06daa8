import { once } from 'node:events'
import { connect, type NetConnectOpts } from 'node:net'
import { join } from 'node:path'
import type { Random } from '@icn/testkit'
import { type Fault, goOn, nameOf, pickNode } from '../fault.ts'
import { numberIn } from '../field.ts'

const TRIES = 30
const LONGEST = 200_000
/** Longest wait until the other side ends a connection that makes no sense; then this side does. */
const PATIENCE_MS = 300

/** A stranger who sends bytes without sense to every port of a node: nothing may end, and blocks must go on. */
export const garbage: Fault = {
  name: 'garbage',
  run: async ({ field, random, ...scene }) => {
    const { node, index } = pickNode({ field, random, ...scene })
    const pids = [node.pid(), node.cometBftPid()]
    const { port } = new URL(node.url())
    const targets = [
      { host: '127.0.0.1', port: numberIn(node.home, 'p2pPort') },
      { host: '127.0.0.1', port: numberIn(node.home, 'rpcPort') },
      { host: '127.0.0.1', port: Number(port) },
      { path: join(node.home, 'cometbft', 'abci.sock') },
    ]
    for (let count = 0; count < TRIES; count++) {
      for (const target of targets) await throwAt(target, bytesOf(random))
      await post(`${node.url()}/v1/transactions`, bytesOf(random))
      await post(`${node.url()}/v1/transactions/batch`, bytesOf(random))
    }
    await goOn(field.nodes)
    const now = [node.pid(), node.cometBftPid()]
    if (now.join() !== pids.join()) throw new Error(`${nameOf(index)} ended by garbage: ${pids} became ${now}`)
    return nameOf(index)
  },
}

/** Some begin like what the other side expects: a frame of that length, a request, a handshake. */
function bytesOf(random: Random): Uint8Array {
  const length = random.chance(0.5) ? 1 + random.below(64) : 1 + random.below(LONGEST)
  const bytes = Uint8Array.from({ length }, () => random.below(256))
  const beginning = random.pick([
    new Uint8Array(0),
    // A frame of a length that fits, of one that does not, and of one that nobody could keep.
    varint(length),
    varint(length * 2),
    Uint8Array.from({ length: 10 }, () => 0xff),
    Buffer.from('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n'),
  ])
  return Buffer.concat([beginning, bytes])
}

function varint(number: number): Uint8Array {
  const bytes: number[] = []
  for (let rest = number; ; rest >>>= 7) {
    if (rest < 128) return Uint8Array.from([...bytes, rest])
    bytes.push((rest & 127) | 128)
  }
}

async function throwAt(target: NetConnectOpts, bytes: Uint8Array): Promise<void> {
  const socket = connect(target)
  socket.on('error', () => {})
  socket.resume()
  socket.write(bytes)
  socket.setTimeout(PATIENCE_MS, () => socket.destroy())
  await once(socket, 'close').catch(() => {})
}

async function post(url: string, body: Uint8Array): Promise<void> {
  const headers = { 'content-type': 'application/octet-stream' }
  const answer = await fetch(url, { method: 'POST', body: new Uint8Array(body), headers })
  if (answer.status < 400 || answer.status >= 500) throw new Error(`garbage was answered with ${answer.status}`)
  await answer.body?.cancel()
}
