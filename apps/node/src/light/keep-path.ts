import { equalBytes } from '@icn/crypto'
import { type Continuation, MAX_LIGHT_BLOCKS } from '@icn/protocol'
import {
  extendPath,
  type LightBlock,
  type LightBlockSource,
  type Trusted,
  type TrustPath,
  trustPath,
} from '@icn/protocol/light'
import type { Logger } from 'pino'
import type { KeptBlocks } from './kept-blocks.ts'
import { type PeerBlocks, peerBlocksAt } from './peer-blocks.ts'

export interface PathKeeperOptions {
  readonly kept: KeptBlocks
  /** The genesis, as what is trusted. */
  readonly start: Trusted
  /** Where the network goes on from a node that was alone. */
  readonly continues: Continuation | undefined
  /** What this node's own CometBFT has; it may not have begun yet. */
  readonly own: LightBlockSource
  /** Addresses of nodes that may have what is missing here. */
  readonly peers: readonly string[]
  /** Somebody wants the node to end: nobody is asked any more. */
  readonly stopping: AbortSignal
  readonly logger: Logger
}

/** Keeps the light blocks by which the genesis leads to the present, before CometBFT forgets them. */
export interface PathKeeper {
  /** Called after each block, of which few make work; never throws. */
  onBlock(height: number): void
  /** Takes what a peer has, while this node has no block itself. Answers whether the path leads to the peer's present now. */
  begin(): Promise<boolean>
  /** CometBFT must keep blocks from this height on; `undefined` where nothing depends on it. */
  readonly neededFrom: () => number | undefined
  /** Resolves when nothing is under way. */
  idle(): Promise<void>
  /** Ends what is under way. */
  close(): Promise<void>
}

/** So many blocks between two looks: CometBFT keeps a hundred times as many. */
const EVERY_BLOCKS = 1_000
/** A bundle is about the present of when it was asked for: a path must not end after it. */
const BEHIND_BLOCKS = 200
/** After a failure: peers may be away for a while. */
const AGAIN_BLOCKS = 100
/** All that is asked of one peer at one time. */
const PATIENCE_MS = 120_000

export function createPathKeeper(options: PathKeeperOptions): PathKeeper {
  const { kept, start, continues, own, peers, stopping, logger } = options
  const closing = new AbortController()
  let next = 0
  let isFirst = true
  let isIncomplete = false
  let work: Promise<void> = Promise.resolve()
  let isBusy = false

  const end = () => kept.path().at(-1)?.header.height ?? start.height

  async function advance(height: number): Promise<void> {
    // At first to the present: blocks between what was kept before and a snapshot may be missing.
    const to = height - (isFirst ? 1 : BEHIND_BLOCKS)
    if (to <= end()) return
    const path = await extendPath(own, start, kept.path(), to)
    isIncomplete = !path.ok && path.failure === 'NO_LIGHT_BLOCK'
    if (!isIncomplete) await keep(path, own)
    else if (await someone((peer) => takeFrom(peer, to))) isIncomplete = false
    else throw new Error(`no block ${missingOf(path)} here or at a peer`)
    isFirst = false
  }

  async function keep(path: TrustPath, source: LightBlockSource): Promise<void> {
    if (!path.ok) throw new Error(`the genesis does not lead to block ${path.height}: ${path.failure}`)
    if (path.blocks.length > MAX_LIGHT_BLOCKS) throw new Error('too many changes of validators')
    if (continues !== undefined && kept.at(continues.height + 1) === undefined)
      kept.putFirst(await firstOf(source, continues))
    kept.putPath(path.blocks)
  }

  /** The first peer that can; what one of them says counts when it is verified, and not before. */
  async function someone(take: (peer: PeerBlocks) => Promise<void>): Promise<boolean> {
    for (const peer of peers) {
      const signal = AbortSignal.any([closing.signal, stopping, AbortSignal.timeout(PATIENCE_MS)])
      try {
        await take(peerBlocksAt(peer, signal))
        return true
      } catch (error) {
        logger.debug({ peer, err: error }, 'a peer does not lead from the genesis to the present')
      }
    }
    return false
  }

  async function takeFrom(peer: PeerBlocks, to: number): Promise<void> {
    const source: LightBlockSource = async (height) => (await ownOrNone(height)) ?? peer.block(height)
    await keep(await extendPath(source, start, kept.path(), to, { pivots: await peer.pivots() }), source)
  }

  async function ownOrNone(height: number): Promise<Uint8Array | undefined> {
    return kept.at(height) ?? (await own(height).catch(() => undefined))
  }

  async function firstOf(source: LightBlockSource, last: Continuation): Promise<LightBlock> {
    const path = await trustPath(source, start, last.height + 1)
    const [first] = path.ok ? path.blocks : []
    if (first !== undefined && equalBytes(first.header.appHash, last.appHash)) return first
    throw new Error(`block ${last.height + 1} does not go on from the state after block ${last.height}`)
  }

  function onBlock(height: number): void {
    if (isBusy || height < next) return
    isBusy = true
    next = height + EVERY_BLOCKS
    work = advance(height)
      .catch((error: Error) => {
        next = height + AGAIN_BLOCKS
        if (closing.signal.aborted) return
        const words = 'no path of light blocks leads from the genesis to the present: bundles cannot be exported here'
        logger.warn({ reason: error.message, againAt: next }, words)
      })
      .finally(() => {
        isBusy = false
      })
  }

  return {
    onBlock,
    begin: () => someone(async (peer) => takeFrom(peer, (await peer.height()) - 1)),
    // Where blocks are missing already, what is left leads nowhere: another path comes from a peer.
    neededFrom: () => (isIncomplete ? undefined : end() + 1),
    idle: () => work,
    close: () => {
      closing.abort()
      return work
    },
  }
}

function missingOf(path: TrustPath): number {
  return path.ok ? 0 : path.height
}
