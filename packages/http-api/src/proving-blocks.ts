import type { Consensus } from '@icn/consensus'
import { equalBytes } from '@icn/crypto'
import { MAX_LIGHT_BLOCKS } from '@icn/protocol'
import { decodeLightBlock, encodeLightBlock, extendPath, type LightBlock, type Trusted } from '@icn/protocol/light'
import { nodeProblem, type RequestProblem } from './problem.ts'

/** A network makes the block that proves a state at once; longer than this only where it has no majority. */
const WAIT_MS = 10_000
/** A commit wakes the wait; this is for one that came while the block was being asked for. */
const LOOK_AGAIN_MS = 250

/** An engine whose blocks prove themselves to an outsider. */
export type ProvingConsensus = Required<Pick<Consensus, 'lightBlock' | 'onCommit' | 'status'>>

export function isProving<T extends Consensus>(consensus: T): consensus is T & ProvingConsensus {
  return consensus.lightBlock !== undefined
}

/** Leads outsiders from the genesis to a state. */
export interface Prover {
  /**
   * The light blocks up to a header that names `appHash`, the state after `height`: that of the next block, for which this
   * waits, or of `height` itself where it changed nothing.
   *
   * @returns as an audit bundle holds them
   * @throws RequestProblem 503 where the network makes no block, or this node no longer has those that are needed
   */
  blocksTo(state: { readonly height: number; readonly appHash: Uint8Array }): Promise<Uint8Array[]>
  /**
   * Heights of the light blocks that lead from the genesis to one of the latest blocks, ascending.
   *
   * @throws RequestProblem 503 where this node no longer has those that are needed
   */
  pivots(): Promise<number[]>
}

export interface ProverOptions {
  /** Verified light blocks that lead on from the genesis: the engine may have forgotten those on the way. */
  readonly keptPath?: (() => readonly LightBlock[]) | undefined
  /** Longest wait for the block that proves a state. */
  readonly waitMs?: number
}

/** @param start - the genesis, as what outsiders trust */
export function createProver(
  consensus: ProvingConsensus,
  start: Trusted,
  { keptPath = () => [], waitMs = WAIT_MS }: ProverOptions = {},
): Prover {
  // PERF: the way so far, so that the next search begins at its end. Without it each one asks for some twenty blocks
  // for every time that the validators changed.
  let known: readonly LightBlock[] = []

  async function pathTo(to: number): Promise<readonly LightBlock[]> {
    const kept = keptPath()
    const before = endBelow(kept, to) > endBelow(known, to) ? kept : known
    const path = await extendPath((at) => consensus.lightBlock(at), start, before, to)
    if (!path.ok) throw noTrustPath(path.height, path.failure)
    if (path.blocks.length > MAX_LIGHT_BLOCKS) throw noTrustPath(to, 'too many changes of validators')
    if ((known.at(-1)?.header.height ?? 0) < to) known = path.blocks
    return path.blocks
  }

  return {
    blocksTo: async ({ height, appHash }) => {
      const names = (block: LightBlock | undefined) => block !== undefined && equalBytes(block.header.appHash, appHash)
      const present = await consensus.lightBlock(height)
      const isSame = names(present === undefined ? undefined : decodeLightBlock(present))
      const to = isSame ? height : height + 1
      if (!isSame && !(await isThere(consensus, to, waitMs))) throw notProvenYet(height, waitMs)
      const path = await pathTo(to)
      if (!names(path.at(-1))) throw noTrustPath(to, 'another app hash')
      return path.map(encodeLightBlock)
    },
    pivots: async () => {
      // Of the latest block not every signature may be there yet.
      const to = consensus.status().height - 1
      return to <= start.height ? [] : (await pathTo(to)).map(({ header }) => header.height)
    },
  }
}

/** How far a path leads towards a block. */
function endBelow(path: readonly LightBlock[], to: number): number {
  return path.findLast(({ header }) => header.height < to)?.header.height ?? 0
}

async function isThere(consensus: ProvingConsensus, height: number, waitMs: number): Promise<boolean> {
  const endMs = performance.now() + waitMs
  for (;;) {
    if ((await consensus.lightBlock(height)) !== undefined) return true
    const leftMs = endMs - performance.now()
    if (leftMs <= 0) return false
    await commitOrTime(consensus, Math.min(leftMs, LOOK_AGAIN_MS))
  }
}

async function commitOrTime(consensus: ProvingConsensus, ms: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  const end = consensus.onCommit(() => resolve())
  const timeout = setTimeout(resolve, ms)
  await promise
  clearTimeout(timeout)
  end()
}

function notProvenYet(height: number, waitMs: number): RequestProblem {
  return nodeProblem(
    503,
    'NOT_PROVEN_YET',
    `The validators prove the state at height ${height} with block ${height + 1}, which did not come in ${waitMs} ms.`,
    'Try again when the network makes blocks: more than two thirds of its validators must be there.',
    { 'retry-after': '10' },
  )
}

function noTrustPath(height: number, why: string): RequestProblem {
  return nodeProblem(
    503,
    'NO_TRUST_PATH',
    `This node cannot lead from the genesis to the present: ${why} at height ${height}.`,
    'Ask another node, such as one that has kept all blocks since the genesis.',
  )
}
