import { encodeCanonical, toHex } from '@icn/crypto'
import { publicKeyFromText } from '@icn/protocol'
import type { Misbehaviour, ValidatorReport, ValidatorUpdate } from '@icn/state-machine/kernel'
import type { Timestamp } from 'cosmjs-types/google/protobuf/timestamp'
import {
  type Misbehavior,
  MisbehaviorType,
  type RequestFinalizeBlock,
  Response,
  type ResponseFinalizeBlock,
  type ValidatorUpdate as WireUpdate,
} from 'cosmjs-types/tendermint/abci/types'
import { BlockIDFlag } from 'cosmjs-types/tendermint/types/validator'
import type { FinalizedBlock } from '../port.ts'
import { frame } from './frames.ts'

/** What an answer leaves out of a result: no fees, no events, nothing for people. */
const NO_RESULT = { data: new Uint8Array(0), log: '', info: '', gasWanted: 0n, gasUsed: 0n, events: [], codespace: '' }

/** Block time has nanoseconds; ours are whole milliseconds, the same on every node. */
export function millisecondsOf({ seconds, nanos }: Timestamp): number {
  return Number(seconds) * 1_000 + Math.floor(nanos / 1_000_000)
}

/** What CometBFT says of the validators with a block. Who voted for no block at all was there, and missed nothing. */
export function reportOf(request: RequestFinalizeBlock): ValidatorReport {
  const absent = request.decidedLastCommit?.votes.filter(
    ({ blockIdFlag }) => blockIdFlag === BlockIDFlag.BLOCK_ID_FLAG_ABSENT,
  )
  return {
    proposer: toHex(request.proposerAddress),
    missed: (absent ?? []).map(({ validator }) => toHex(validator.address)).sort(),
    misbehaviour: request.misbehavior.map(misbehaviourOf),
  }
}

function misbehaviourOf({ type, validator, height, time }: Misbehavior): Misbehaviour {
  const kind = type === MisbehaviorType.LIGHT_CLIENT_ATTACK ? 'light-client-attack' : 'duplicate-vote'
  return { validator: toHex(validator.address), height: Number(height), timeMs: millisecondsOf(time), kind }
}

/** `code` and `data` are consensus data: CometBFT puts their hash into the next header. */
export function finalizedResponse({ appHash, results, validatorUpdates }: FinalizedBlock): ResponseFinalizeBlock {
  const txResults = results.map(({ code, result }) => ({ ...NO_RESULT, code, data: resultData(result) }))
  return { events: [], txResults, validatorUpdates: validatorUpdates.map(wireUpdate), appHash }
}

/** The result of a transaction as the network agrees on it: canonical DAG-CBOR, and nothing where there is none. */
export function resultData(result: Readonly<Record<string, string | number>>): Uint8Array {
  return Object.keys(result).length === 0 ? new Uint8Array(0) : encodeCanonical(result)
}

function wireUpdate({ publicKey, power }: ValidatorUpdate): WireUpdate {
  const ed25519 = publicKeyFromText(publicKey)
  if (ed25519 === undefined) throw new RangeError(`expected a public key such as z6Mk…, got ${publicKey}`)
  return { pubKey: { ed25519 }, power: BigInt(power) }
}

/** A response as a frame. */
export function respond(response: Response): Uint8Array {
  return frame(Response.encode(response).finish())
}

/** The verdict on a waiting transaction; what it says to people goes to them by our own interface. */
export function checkResponse(code: number): Uint8Array {
  return respond({ checkTx: { ...NO_RESULT, code } })
}
