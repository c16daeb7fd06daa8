import { fromHex } from '@icn/crypto'
import {
  ABSENT_TIME_NS,
  type BlockId,
  type CommitSignature,
  encodeLightBlock,
  type LightBlock,
  type LightBlockSource,
  LightLimits,
  type LightValidator,
} from '@icn/protocol/light'

export interface LightBlockRpcOptions {
  /** Of CometBFT's RPC, such as `http://127.0.0.1:26657`. */
  readonly url: string
  readonly fetch?: typeof globalThis.fetch
  /** Of one request. */
  readonly timeoutMs?: number
}

/** CometBFT did not answer, or not what its RPC promises. A height that it does not have is no such failure. */
export class LightBlockRpcError extends Error {
  override readonly name = 'LightBlockRpcError'
  readonly code = 'LIGHT_BLOCK_RPC'
}

const PAGE = 100
/** A commit of 1,000 validators takes 300 kB as JSON. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024

/**
 * Light blocks as CometBFT's RPC has them: `/commit` and all pages of `/validators`, as `tendermint.types.LightBlock`.
 * What comes is not verified. Of the latest height it is the commit that this node saw, later the one in the next block.
 *
 * @returns a source that answers `undefined` for heights that are not there yet or no longer
 * @throws LightBlockRpcError from the source
 */
export function createLightBlockRpc({
  url,
  fetch = globalThis.fetch,
  timeoutMs = 10_000,
}: LightBlockRpcOptions): LightBlockSource {
  const base = url.replace(/\/+$/, '')

  async function ask(path: string): Promise<Json | undefined> {
    let text: string
    try {
      const answer = await fetch(`${base}${path}`, { signal: AbortSignal.timeout(timeoutMs) })
      text = await textOf(answer)
    } catch (cause) {
      throw new LightBlockRpcError(`${base}${path} does not answer: ${(cause as Error).message}`, { cause })
    }
    const { result, error } = mapOf(parse(text, path))
    // An error of the RPC itself, such as a height above the last one or below what was pruned.
    if (error !== undefined || result === null) return undefined
    return mapOf(result)
  }

  async function validatorsAt(height: number): Promise<LightValidator[] | undefined> {
    const validators: LightValidator[] = []
    for (let page = 1; ; page++) {
      const answer = await ask(`/validators?height=${height}&page=${page}&per_page=${PAGE}`)
      if (answer === undefined) return undefined
      const list = listOf(answer.validators)
      validators.push(...list.map(validatorOf))
      if (validators.length >= Number(answer.total) || list.length === 0) return validators
      if (validators.length > LightLimits.validators)
        throw new LightBlockRpcError('more validators than a network may have')
    }
  }

  return async (height) => {
    const [commit, validators] = await Promise.all([ask(`/commit?height=${height}`), validatorsAt(height)])
    if (commit === undefined || validators === undefined) return undefined
    return encodeLightBlock(lightBlockOf(mapOf(commit.signed_header), validators))
  }
}

type Json = Readonly<Record<string, unknown>>

async function textOf(answer: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of answer.body ?? []) {
    length += part.length
    if (length > MAX_ANSWER_BYTES) throw new LightBlockRpcError(`an answer of more than ${MAX_ANSWER_BYTES} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function lightBlockOf(
  { header: rawHeader, commit: rawCommit }: Json,
  validators: readonly LightValidator[],
): LightBlock {
  const [header, commit] = [mapOf(rawHeader), mapOf(rawCommit)]
  const version = mapOf(header.version)
  return {
    header: {
      versionBlock: integer(version.block ?? 0),
      versionApp: integer(version.app ?? 0),
      chainId: text(header.chain_id),
      height: integer(header.height),
      timeNs: timeNsOf(text(header.time)),
      lastBlockId: blockIdOf(header.last_block_id),
      lastCommitHash: hex(header.last_commit_hash),
      dataHash: hex(header.data_hash),
      validatorsHash: hex(header.validators_hash),
      nextValidatorsHash: hex(header.next_validators_hash),
      consensusHash: hex(header.consensus_hash),
      appHash: hex(header.app_hash),
      lastResultsHash: hex(header.last_results_hash),
      evidenceHash: hex(header.evidence_hash),
      proposerAddress: hex(header.proposer_address),
    },
    commit: {
      height: integer(commit.height),
      round: integer(commit.round),
      blockId: blockIdOf(commit.block_id),
      signatures: listOf(commit.signatures).map(signatureOf),
    },
    validators,
  }
}

function signatureOf(value: unknown): CommitSignature {
  const { block_id_flag, validator_address, timestamp, signature } = mapOf(value)
  const flag = ([undefined, 'absent', 'commit', 'nil'] as const)[integer(block_id_flag)]
  if (flag === undefined) throw new LightBlockRpcError(`a block id flag of ${block_id_flag}`)
  if (flag === 'absent') return { flag, address: EMPTY, timeNs: ABSENT_TIME_NS, signature: EMPTY }
  return { flag, address: hex(validator_address), timeNs: timeNsOf(text(timestamp)), signature: base64(signature) }
}

const EMPTY = new Uint8Array()

function validatorOf(value: unknown): LightValidator {
  const { address, pub_key, voting_power } = mapOf(value)
  const { type, value: key } = mapOf(pub_key)
  if (type !== 'tendermint/PubKeyEd25519') throw new LightBlockRpcError(`a validator's key of the type ${type}`)
  return { address: hex(address), publicKey: base64(key), power: integer(voting_power) }
}

function blockIdOf(value: unknown): BlockId {
  const { hash, parts } = mapOf(value)
  const { total, hash: partsHash } = mapOf(parts)
  return { hash: hex(hash), partsTotal: integer(total), partsHash: hex(partsHash) }
}

/** RFC 3339 with up to nine digits after the second, in UTC, as Go writes it. */
function timeNsOf(value: string): bigint {
  const [, seconds, digits = ''] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z$/.exec(value) ?? []
  const ms = Date.parse(`${seconds}Z`)
  if (!Number.isFinite(ms)) throw new LightBlockRpcError(`a time of ${JSON.stringify(value)}`)
  return BigInt(ms) * 1_000_000n + BigInt(digits.padEnd(9, '0'))
}

function parse(answer: string, path: string): unknown {
  try {
    return JSON.parse(answer)
  } catch (cause) {
    throw new LightBlockRpcError(`${path} answers no JSON`, { cause })
  }
}

function mapOf(value: unknown): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json
  throw new LightBlockRpcError('an answer without an object where one belongs')
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  throw new LightBlockRpcError('an answer without a list where one belongs')
}

function text(value: unknown): string {
  if (typeof value === 'string') return value
  throw new LightBlockRpcError('an answer without a text where one belongs')
}

/** CometBFT writes integers of 64 bits as texts. */
function integer(value: unknown): number {
  const number = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isSafeInteger(number)) return number
  throw new LightBlockRpcError(`an answer with ${JSON.stringify(value)} where an integer belongs`)
}

function hex(value: unknown): Uint8Array {
  if (typeof value === 'string' && /^([0-9A-F]{2})*$/.test(value)) return fromHex(value.toLowerCase())
  throw new LightBlockRpcError(`an answer with ${JSON.stringify(value)} where hexadecimal belongs`)
}

function base64(value: unknown): Uint8Array {
  return new Uint8Array(Buffer.from(text(value), 'base64'))
}
