import { emptyLog, fromBase64Url, type Log, toBase64Url, toHex } from '@icn/crypto'
import { type Genesis, genesisHash, isOfSeveral, parseGenesis } from '@icn/protocol'
import type { Client } from '../client/client.ts'
import { pause } from '../client/pause.ts'
import { type Answer, understood } from './answers.ts'
import { LaneNotProved } from './lane-not-proved.ts'
import { checkPage, type LanePageBlock } from './lane-page.ts'
import { createStateProver, type ProvedLane, type StateProver } from './proved-state.ts'

/** Where a follower of a lane stands: plain JSON, to be kept, with which another one goes on. */
export interface LanePosition {
  readonly network: string
  /** Hexadecimal. */
  readonly genesisHash: string
  readonly lane: number
  /** Up to this block everything is known. */
  readonly height: number
  /** The log of the lane after it. */
  readonly log: Log
  /** The last light block that was verified, base64url; `null` on a network of one node. */
  readonly trusted: string | null
}

/** What happened in a lane in one block, proved. */
export interface LaneBlock extends LanePageBlock {
  /** After this block. */
  readonly position: LanePosition
}

export interface FollowLaneOptions {
  readonly client: Client
  readonly lane: number
  /** Hash of the genesis that is meant, hexadecimal; without it, and without a position, that of the node is believed. */
  readonly genesisHash?: string
  /** Goes on after it. */
  readonly position?: LanePosition
  /** Without a position: from this height on. Left out: from the next block on. */
  readonly since?: number
  /** A light block to trust instead of the genesis, for a node that has not kept the blocks since. */
  readonly trusted?: Uint8Array
  readonly signal?: AbortSignal
  /** How often the node is asked for more; default 1 s. */
  readonly pollMs?: number
}

const PAGE = 200

/**
 * What happens in a lane, block by block, as it happens, until `signal`. Nothing comes that is not proved: the validators'
 * signatures lead to the state, the state to the log of the lane, the log to each event. One that is left out, added, changed or put
 * elsewhere ends it. What a node cannot be caught at is that it says nothing of the latest blocks. Memory: one page.
 *
 * @throws LaneNotProved, ApiError, Unreachable
 * @see docs/protocol.md, Lanes
 */
export async function* followLane(options: FollowLaneOptions): AsyncIterable<LaneBlock> {
  const { client, lane, position, signal, pollMs = 1_000 } = options
  const start = position?.trusted == null ? options.trusted : fromBase64Url(position.trusted)
  const { genesis, hash, kind } = await meet(options, start !== undefined)
  const prover = createStateProver(client, genesis, kind, start)
  const about = { network: genesis.chainId, genesisHash: hash, lane }
  const place: Place = { height: position?.height ?? (options.since ?? 1) - 1, log: position?.log }
  let isFirst = position === undefined && options.since === undefined
  const isOver = () => signal?.aborted === true
  while (!isOver()) {
    const proved = await prover.lane(lane)
    if (proved !== undefined && isFirst) Object.assign(place, { height: proved.stateHeight, log: proved.log })
    if (proved !== undefined && !isFirst) {
      for await (const block of newBlocks(client, lane, place, proved)) {
        if (isOver()) return
        yield { ...block, position: { ...about, height: block.height, log: block.log, trusted: trustedText(prover) } }
      }
    }
    isFirst &&= proved === undefined
    await pause(pollMs, signal)
  }
}

interface Place {
  height: number
  /** `undefined`: not known yet. */
  log: Log | undefined
}

/** Blocks after a place up to the log that is proved; each page is checked before anything of it is shown. Moves the place. */
async function* newBlocks(
  client: Client,
  lane: number,
  place: Place,
  proved: ProvedLane,
): AsyncIterable<LanePageBlock> {
  // Of a node that is behind there is nothing new.
  if (proved.stateHeight < place.height) return
  const readPage = async (start: { readonly from: number } | { readonly position: number }, log: Log | undefined) => {
    const query = { ...start, height: proved.stateHeight, limit: PAGE }
    const page = await client.call('laneBlocks', { params: { lane }, query })
    return { page, blocks: checkPage(page, log, proved) }
  }
  place.log ??= await logBefore(readPage, place.height + 1)
  checkGoesOn(place.log, proved)
  while (place.log.size < proved.log.size) {
    const { blocks } = await readPage({ position: place.log.size }, place.log)
    checkHeights(blocks, place.height, proved)
    for (const block of blocks) {
      Object.assign(place, { height: block.height, log: block.log })
      yield block
    }
  }
}

type ReadPage = (
  start: { readonly from: number } | { readonly position: number },
  log: Log | undefined,
) => Promise<{ readonly page: Answer<'laneBlocks'>; readonly blocks: readonly LanePageBlock[] }>

/** The log before a height. That nothing between was left out shows in the block before it: it is of a lower height. */
async function logBefore(readPage: ReadPage, height: number): Promise<Log> {
  const { page } = await readPage({ from: height }, undefined)
  const { size } = page.before
  if (size === 0) return emptyLog()
  const { blocks } = await readPage({ position: size - 1 }, undefined)
  const [before] = blocks
  if (before !== undefined && before.log.size === size && before.height < height) return before.log
  throw new LaneNotProved('EVENTS_ALTERED', `the node does not show the last block of the lane before ${height}`)
}

/** @throws LaneNotProved where a log that was proved before cannot be the beginning of this one */
function checkGoesOn(log: Log, { log: now, stateHeight }: ProvedLane): void {
  if (log.size < now.size || (log.size === now.size && log.peaks === now.peaks)) return
  throw new LaneNotProved(
    'HISTORY_CHANGED',
    `${log.size} blocks of the lane were proved before, and after block ${stateHeight} there are ${now.size} others`,
  )
}

/** What is proved is in order; this refuses a page without blocks, after which the next one would be the same. */
function checkHeights(blocks: readonly LanePageBlock[], after: number, { stateHeight }: ProvedLane): void {
  let before = after
  if (blocks.length === 0)
    throw new LaneNotProved('EVENTS_ALTERED', `the node shows no block of the lane after ${after}`)
  for (const { height } of blocks) {
    if (!(height > before && height <= stateHeight))
      throw new LaneNotProved('EVENTS_ALTERED', `block ${height} does not stand between ${before} and ${stateHeight}`)
    before = height
  }
}

/**
 * The network that is meant, as the node tells of it. How its blocks are proved is the node's word only where nothing else
 * says it: the sole validator of a genesis could sign headers of its own long after others vote.
 *
 * @param isLed - whether a light block is trusted: then several make the blocks, now and later
 */
async function meet({ client, position, lane, genesisHash: expected }: FollowLaneOptions, isLed: boolean) {
  const { consensus } = await client.call('network', {})
  const answer = await client.call('genesis', { query: {} })
  const genesis: Genesis = understood('the genesis', () => parseGenesis(answer))
  const hash = toHex(genesisHash(genesis))
  for (const meant of [expected, position?.genesisHash]) {
    if (meant !== undefined && meant !== hash)
      throw new LaneNotProved('OTHER_NETWORK', `the genesis of the node has the hash ${hash}, and ${meant} is meant`)
  }
  if (position !== undefined && position.lane !== lane)
    throw new RangeError(`the position is one of lane ${position.lane}`)
  if (consensus === 'solo' && (isLed || isOfSeveral(genesis)))
    throw new LaneNotProved('NOT_SIGNED', 'the node says that it makes the blocks alone, and the network has several')
  return { genesis, hash, kind: consensus }
}

function trustedText(prover: StateProver): string | null {
  const bytes = prover.trusted()
  return bytes === undefined ? null : toBase64Url(bytes)
}
