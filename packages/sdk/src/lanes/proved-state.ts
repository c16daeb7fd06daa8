import { equalBytes, fromHex, rowPath, rowProofFromJson, verifyRow } from '@icn/crypto'
import { decodeSignedHeader, type Genesis, signedPower } from '@icn/protocol'
import { decodeRow, type Table } from '@icn/state-machine/kernel'
import { type LaneFacts, laneLogs } from '@icn/state-machine/lanes'
import type { Client } from '../client/client.ts'
import { type Answer, bytesOf, orUndefined, understood } from './answers.ts'
import { LaneNotProved } from './lane-not-proved.ts'
import { createLightClient } from './light-client.ts'

/** The log of a lane after a height, as the validators agreed on it. */
export interface ProvedLane extends LaneFacts {
  /** Of the state. */
  readonly stateHeight: number
}

/** Knows which states are those of the network. */
export interface StateProver {
  /**
   * The present log of a lane; `undefined` while nothing has happened, or while the block that proves it is not there.
   *
   * @throws LaneNotProved, ApiError, Unreachable
   */
  lane(lane: number): Promise<ProvedLane | undefined>
  /** The last light block that was verified, which a later prover may begin with; of a network of one node there is none. */
  trusted(): Uint8Array | undefined
}

/**
 * @param kind - whether one node makes the blocks, or CometBFT does; a node that says the wrong one proves nothing
 * @param start - a light block that was verified before, or that is trusted for another reason; else the genesis is trusted
 */
export function createStateProver(
  client: Client,
  genesis: Genesis,
  kind: 'solo' | 'cometbft',
  start?: Uint8Array,
): StateProver {
  const light = createLightClient(client, genesis, start)

  async function lane(number: number): Promise<ProvedLane | undefined> {
    const asked = client.call('lane', { params: { lane: number }, query: { proof: '1' } })
    const answer = await orUndefined(asked, 'NO_LANES_YET')
    if (answer === undefined) return undefined
    const { height, appHash, facts } = understood(`lane ${number}`, () => provenRow(answer, number))
    const isAgreed = kind === 'solo' ? await isSigned(height, appHash) : await isCommitted(height, appHash)
    return isAgreed ? { ...facts, stateHeight: height } : undefined
  }

  /** Of a node that makes its blocks alone, the header of a block names the state after it. */
  async function isSigned(height: number, appHash: Uint8Array): Promise<true> {
    const answer = await client.call('block', { params: { height }, query: {} })
    const signedHeader = understood(`block ${height}`, () => decodeSignedHeader(bytesOf(answer.header)))
    const { header } = signedHeader
    const { signed, total } = signedPower(signedHeader, genesis.validators)
    if (header.chainId !== genesis.chainId || 3 * signed <= 2 * total)
      throw new LaneNotProved('NOT_SIGNED', `${signed} of ${total} of the power in the genesis signed block ${height}`)
    if (header.height !== height || !equalBytes(header.appHash, appHash)) throw anotherState(height)
    return true
  }

  /** Of CometBFT, the header of the next block does, or that of the block itself where it changed nothing. */
  async function isCommitted(height: number, appHash: Uint8Array): Promise<boolean> {
    const next = await light.block(height + 1)
    if (next === undefined) {
      const own = await light.block(height)
      return own !== undefined && equalBytes(own.header.appHash, appHash)
    }
    if (equalBytes(next.header.appHash, appHash)) return true
    throw anotherState(height)
  }

  return { lane, trusted: light.trusted }
}

function anotherState(height: number): LaneNotProved {
  return new LaneNotProved('NOT_SIGNED', `the validators agreed on another state after block ${height}`)
}

/** The row of a lane under the app hash that the answer names. */
function provenRow({ proof }: Answer<'lane'>, lane: number) {
  const { height, appHash: text, steps } = proof as { height: number; appHash: string; steps: Record<string, unknown> }
  const table = laneLogs as unknown as Table
  const [row, module] = [rowProofFromJson(steps.row), rowProofFromJson(steps.module)]
  const appHash = fromHex(text)
  const isProved =
    equalBytes(row.path, rowPath(table.name, [lane])) &&
    equalBytes(module.path, rowPath('module', ['lanes'])) &&
    verifyRow(module.value, row) &&
    verifyRow(appHash, module)
  if (!isProved || !Number.isSafeInteger(height))
    throw new LaneNotProved('NOT_PROVED', `the log of lane ${lane} is not under the root ${text}`)
  return { height, appHash, facts: decodeRow(table, row.value) as unknown as LaneFacts }
}
