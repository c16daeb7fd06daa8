import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '@icn/testkit'
import { type LocalNode, until } from '@icn/testkit/network'
import type { Field } from './field.ts'

/** What a fault works on. */
export interface Scene {
  readonly field: Field
  readonly random: Random
  /** Which variant of the fault comes: one more each time that it is chosen. */
  readonly nth: number
  /** Faults that hold something up do so for a minute. */
  readonly isLong: boolean
}

/** One way to harm a network. */
export interface Fault {
  readonly name: string
  /** Why this machine or this network cannot have it; `undefined` where it can. */
  readonly lacking?: (field: Field) => string | undefined
  /** The network cannot go on as before: after the round its folders are checked, and a new one begins. */
  readonly endsNetwork?: boolean
  /**
   * Harms, looks whether it does what it should, and undoes it: at the end every node runs. Answers what was harmed.
   *
   * @throws where a node did something else than it should
   */
  run(scene: Scene): Promise<string>
}

const LONG_MS = 60_000

/** Holds a fault for some seconds, or a minute. */
export async function hold({ random, isLong }: Scene): Promise<void> {
  await pause(isLong ? LONG_MS : 2_000 + random.below(3_000))
}

export function pickNode({ field, random }: Scene): { readonly node: LocalNode; readonly index: number } {
  const index = random.below(field.nodes.length)
  return { node: field.nodes[index] as LocalNode, index }
}

export function nameOf(index: number): string {
  return `node${index + 1}`
}

export async function heightOf(node: LocalNode): Promise<number> {
  const answer = await fetch(`${node.url()}/v1/network`, { signal: AbortSignal.timeout(2_000) })
  return ((await answer.json()) as { height: number }).height
}

/** Waits until these nodes have made so many blocks more. */
export async function goOn(nodes: readonly LocalNode[], blocks = 2, timeoutMs = 90_000): Promise<void> {
  await Promise.all(
    nodes.map(async (node) => {
      const from = await until(`an answer of ${node.home}`, () => heightOf(node), timeoutMs)
      await until(
        `${blocks} blocks after ${from} in ${node.home}`,
        async () => (await heightOf(node)) >= from + blocks,
        timeoutMs,
      )
    }),
  )
}

export function othersThan(field: Field, index: number): LocalNode[] {
  return field.nodes.filter((_, place) => place !== index)
}

/** The code with which a node ended; -1 where it did not within `timeoutMs`. */
export async function endOf(node: LocalNode, timeoutMs: number): Promise<number | null> {
  const patience = new AbortController()
  const late = pause(timeoutMs, -1, { signal: patience.signal }).catch(() => -1)
  const code = await Promise.race([node.ended(), late])
  patience.abort()
  return code
}
