import { setTimeout as pause } from 'node:timers/promises'
import { type Body, signTransaction } from '@icn/protocol'
import type { Person } from '../../apps/node/test/cooperative.ts'

/** A vote that a node said is in a committed block. */
export interface Acknowledged {
  readonly hash: string
  readonly height: number
}

/** People who vote again and again, each at most so often, and remember what was acknowledged. */
export interface Load {
  /** What was acknowledged since this was asked last. */
  take(): Acknowledged[]
  readonly count: () => number
  /** Waits until the votes under way are acknowledged, and ends. @throws where one is not within `timeoutMs` */
  stop(timeoutMs?: number): Promise<void>
}

export interface LoadOptions {
  /** Addresses of all nodes, whether they run or not. */
  readonly urls: readonly string[]
  readonly chainId: string
  readonly people: readonly Person[]
  readonly proposal: string
}

/** Between two votes of one person. */
const EVERY_MS = 400
const AGAIN_MS = 250
/** A node that was stopped takes connections and does not answer. */
const PATIENCE_MS = 8_000

/**
 * Every vote is sent to all nodes at once, the same bytes, again and again until one node says that it is committed: so
 * nothing is ever given up, and whatever is counted twice shows.
 */
export function startLoad({ urls, chainId, people, proposal }: LoadOptions): Load {
  const fresh: Acknowledged[] = []
  let count = 0
  const over = new AbortController()
  const given = new AbortController()

  async function voteOn(person: Person): Promise<void> {
    while (!over.signal.aborted) {
      const startMs = performance.now()
      const acknowledged = await vote(person)
      if (acknowledged === undefined) return
      person.sequence++
      count++
      fresh.push(acknowledged)
      await pause(Math.max(0, EVERY_MS - (performance.now() - startMs)))
    }
  }

  async function vote({ did: signer, keyId, sequence, seed }: Person): Promise<Acknowledged | undefined> {
    const ballot = sequence % 2 === 0 ? 'yes' : 'no'
    const body: Body = { kind: 'vote.cast', proposal, ballot, reason: '' }
    const bytes = signTransaction({ chainId, signer, keyId, sequence, expiryHeight: 90_000, body }, seed)
    while (!given.signal.aborted) {
      const answers = urls.map((url) => send(url, bytes))
      const first = await Promise.any(answers).catch(() => undefined)
      if (first !== undefined) return first
      await pause(AGAIN_MS)
    }
    return undefined
  }

  const voting = Promise.all(people.map(voteOn))
  return {
    take: () => fresh.splice(0),
    count: () => count,
    stop: async (timeoutMs = 60_000) => {
      over.abort()
      const timer = setTimeout(() => given.abort(), timeoutMs)
      await voting
      clearTimeout(timer)
      if (given.signal.aborted) throw new Error(`some votes were not acknowledged within ${timeoutMs} ms`)
    },
  }
}

interface Answer {
  readonly hash: string
  readonly height: number
  readonly code?: number | string
  readonly name?: string
}

/** @throws where this node does not say that it is committed */
async function send(url: string, bytes: Uint8Array): Promise<Acknowledged> {
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const answer = await fetch(`${url}/v1/transactions`, { method: 'POST', body: new Uint8Array(bytes), signal })
  const said = (await answer.json()) as Answer
  if (answer.status === 200) return { hash: said.hash, height: said.height }
  // It was sent before, and that answer was lost with a node.
  if (said.name !== 'DUPLICATE' && said.name !== 'BAD_SEQUENCE') throw new Error(`${answer.status} ${said.name}`)
  return committed(url, bytes, signal)
}

async function committed(url: string, bytes: Uint8Array, signal: AbortSignal): Promise<Acknowledged> {
  const hash = Buffer.from(await crypto.subtle.digest('SHA-256', new Uint8Array(bytes))).toString('hex')
  const answer = await fetch(`${url}/v1/transactions/${hash}`, { signal })
  const found = (await answer.json()) as Answer
  if (answer.status !== 200) throw new Error(`${hash} is not committed here`)
  return { hash, height: found.height }
}
