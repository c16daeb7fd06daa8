import type { Genesis } from '@icn/protocol'
import {
  decodeLightBlock,
  type LightBlock,
  type LightBlockSource,
  type Trusted,
  trustedBlock,
  trustedGenesis,
  trustPath,
} from '@icn/protocol/light'
import type { Client } from '../client/client.ts'
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

  async function blockAt(height: number): Promise<LightBlock | undefined> {
    if (height === block?.header.height) return block
    if (height <= trusted.height) return undefined
    const goal = await source(height)
    if (goal === undefined) return undefined
    readBlock(goal)
    const path = await trustPath(
      checked((at) => (at === height ? Promise.resolve(goal) : source(at))),
      trusted,
      height,
    )
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
