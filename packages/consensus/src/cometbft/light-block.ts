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

export interface LightBlockSourceOptions {
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

/** Calls of CometBFT's RPC, answered in order; `ok` is false where it refuses one, such as a height that it does not have. */
export interface LightBlockRpc {
  callAll(
    calls: readonly { readonly method: string; readonly params: Readonly<Record<string, unknown>> }[],
  ): Promise<readonly ({ readonly ok: true; readonly result: unknown } | { readonly ok: false })[]>
}

/**
 * A light block as CometBFT's RPC has it: `commit` and all pages of `validators`, as `tendermint.types.LightBlock`. What
 * comes is not verified. Of the latest height it is the commit that this node saw, later the one in the next block.
 *
 * @returns `undefined` for a height that is not there yet or no longer
 * @throws LightBlockRpcError, and what `rpc` throws
 */
export async function readLightBlock(rpc: LightBlockRpc, height: number): Promise<Uint8Array | undefined> {
  const pageOf = (page: number) => ({
    method: 'validators',
    params: { height: `${height}`, page: `${page}`, per_page: `${PAGE}` },
  })
  const [commit, first] = await rpc.callAll([{ method: 'commit', params: { height: `${height}` } }, pageOf(1)])
  if (!isThere(commit) || !isThere(first)) return undefined
  const validators: LightValidator[] = []
  let page = mapOf(first.result)
  for (let next = 2; ; next++) {
    const list = listOf(page.validators)
    validators.push(...list.map(validatorOf))
    if (validators.length > LightLimits.validators) throw new LightBlockRpcError('too many validators')
    if (validators.length >= integer(page.total) || list.length === 0) break
    const [answer] = await rpc.callAll([pageOf(next)])
    if (!isThere(answer)) return undefined
    page = mapOf(answer.result)
  }
  return encodeLightBlock(lightBlockOf(mapOf(mapOf(commit.result).signed_header), validators))
}

type Answer = Awaited<ReturnType<LightBlockRpc['callAll']>>[number]

function isThere(answer: Answer | undefined): answer is Answer & { readonly ok: true } {
  return answer?.ok === true && answer.result !== null
}

/** Light blocks of whatever CometBFT answers at an address. @throws LightBlockRpcError from the source */
export function createLightBlockSource(options: LightBlockSourceOptions): LightBlockSource {
  const { url, fetch = globalThis.fetch, timeoutMs = 10_000 } = options
  const base = url.replace(/\/+$/, '')

  async function call({
    method,
    params,
  }: {
    method: string
    params: Readonly<Record<string, unknown>>
  }): Promise<Answer> {
    const path = `${base}/${method}?${new URLSearchParams(params as Record<string, string>)}`
    let text: string
    try {
      text = await textOf(await fetch(path, { signal: AbortSignal.timeout(timeoutMs) }))
    } catch (cause) {
      throw new LightBlockRpcError(`${path} does not answer: ${(cause as Error).message}`, { cause })
    }
    const { result, error } = mapOf(parse(text, path))
    return error === undefined ? { ok: true, result } : { ok: false }
  }

  const rpc: LightBlockRpc = { callAll: (calls) => Promise.all(calls.map(call)) }
  return (height) => readLightBlock(rpc, height)
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
