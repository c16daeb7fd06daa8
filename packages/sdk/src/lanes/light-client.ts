import { type Genesis, MAX_LIGHT_BLOCKS } from '@icn/protocol'
import {
  decodeLightBlock,
  extendPath,
  type LightBlock,
  type LightBlockSource,
  type Trusted,
  trustedBlock,
  trustedGenesis,
} from '@icn/protocol/light'
import type { Client } from '../client/client.ts'
import { ApiError } from '../client/errors.ts'
import { bytesOf, orUndefined, understood } from './answers.ts'
import { LaneNotProved } from './lane-not-proved.ts'

/** Follows the validators of a network, from what is trusted to later blocks. */
export interface LightClient {
  /**
   * A verified block: the last one again, or a later one; `undefined` where the node does not have it yet.
   *
   * @throws LaneNotProved, ApiError, Unreachable
   */
  block(height: number): Promise<LightBlock | undefined>
  /** The bytes of the last block that was verified. */
  trusted(): Uint8Array | undefined
}

/** @param start - see `createStateProver` @throws LaneNotProved for one that cannot be read */
export function createLightClient(client: Client, genesis: Genesis, start: Uint8Array | undefined): LightClient {
  let last = start
  let block = start === undefined ? undefined : readBlock(start)
  let trusted: Trusted = block === undefined ? trustedGenesis(genesis) : trustedBlock(block)

  const source: LightBlockSource = async (height) => {
    const answer = await orUndefined(client.call('lightBlock', { params: { height } }), 'NOT_FOUND')
    return answer === undefined ? undefined : understood(`light block ${height}`, () => bytesOf(answer.bytes))
  }

  async function pivots(): Promise<readonly number[]> {
    const answer = await client.call('trustPath', {}).catch((error: unknown) => {
      // One that has none, or an older one that knows of none.
      if (error instanceof ApiError) return { heights: [] }
      throw error
    })
    return understood('a trust path', () => heightsOf(answer.heights))
  }

  async function blockAt(height: number): Promise<LightBlock | undefined> {
    if (height === block?.header.height) return block
    if (height <= trusted.height) return undefined
    const goal = await source(height)
    if (goal === undefined) return undefined
    readBlock(goal)
    const ask = checked((at) => (at === height ? Promise.resolve(goal) : source(at)))
    const direct = await extendPath(ask, trusted, [], height)
    // A node that began with a snapshot has but a few of the blocks before it, and says which.
    const isIncomplete = !direct.ok && direct.failure === 'NO_LIGHT_BLOCK'
    const path = isIncomplete ? await extendPath(ask, trusted, [], height, { pivots: await pivots() }) : direct
    if (!path.ok) {
      const detail = 'detail' in path ? path.detail : 'the node does not have it'
      const code = path.failure === 'NO_LIGHT_BLOCK' ? 'NO_TRUST_PATH' : 'NOT_SIGNED'
      throw new LaneNotProved(code, `block ${path.height}, ${path.failure}: ${detail}`)
    }
    block = path.blocks.at(-1) as LightBlock
    trusted = trustedBlock(block)
    last = goal
    return block
  }

  return { block: blockAt, trusted: () => last }
}

/** So many that looking at each takes seconds and not hours. */
function heightsOf(heights: unknown): readonly number[] {
  if (Array.isArray(heights) && heights.length <= MAX_LIGHT_BLOCKS && heights.every(Number.isSafeInteger))
    return heights
  throw new TypeError(`expected at most ${MAX_LIGHT_BLOCKS} heights`)
}

/** A source of blocks that can be read. */
function checked(source: LightBlockSource): LightBlockSource {
  return async (height) => {
    const bytes = await source(height)
    if (bytes !== undefined) readBlock(bytes)
    return bytes
  }
}

function readBlock(bytes: Uint8Array): LightBlock {
  return understood('a light block', () => decodeLightBlock(bytes))
}
