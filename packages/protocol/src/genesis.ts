import { encodeCanonical, sha256 } from '@icn/crypto'
import { Type } from 'typebox'
import { explain, type Schema } from './bodies/explain.ts'
import { ChainId, Name, object, PublicKeyText, TimeMs } from './bodies/shared.ts'

/** The beginning of a network: whoever has these bytes can check every block after them. */
export interface Genesis {
  readonly chainId: string
  readonly name: string
  readonly timeMs: number
  readonly validators: readonly GenesisValidator[]
  readonly params: NetworkParams
}

export interface GenesisValidator {
  readonly name: string
  /** `z6Mk…` */
  readonly publicKey: string
  readonly power: number
}

/** How many transactions may be sent. A bucket holds at most `burst` and refills evenly by `perHour`. */
export interface Allowance {
  readonly burst: number
  readonly perHour: number
}

export interface NetworkParams {
  /** Each member of an organization. */
  readonly memberAllowance: Allowance
  /** All signers together who are members of nothing. */
  readonly strangerAllowance: Allowance
  readonly maxBlockBytes: number
}

export const defaultParams: NetworkParams = {
  memberAllowance: { burst: 1_000, perHour: 600 },
  strangerAllowance: { burst: 1_000, perHour: 600 },
  maxBlockBytes: 4 * 1024 * 1024,
}

/** A genesis document that cannot begin a network; the message says where and what was expected. */
export class MalformedGenesis extends Error {
  override readonly name = 'MalformedGenesis'
  readonly code = 'BAD_GENESIS'
}

// A million bursts of millionths stay within 2^53.
const AllowanceSchema = object({
  burst: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
  perHour: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
})

export const genesisSchema = object({
  chainId: ChainId,
  name: Name,
  timeMs: TimeMs,
  validators: Type.Array(
    object({ name: Name, publicKey: PublicKeyText, power: Type.Integer({ minimum: 1, maximum: 1_000_000 }) }),
    { minItems: 1, maxItems: 1_000 },
  ),
  params: object({
    memberAllowance: AllowanceSchema,
    strangerAllowance: AllowanceSchema,
    maxBlockBytes: Type.Integer({ minimum: 65_536, maximum: 32 * 1024 * 1024 }),
  }),
})

/** Names the network's beginning: SHA-256 of the canonical document; the first block's `previousHash`. */
export function genesisHash(genesis: Genesis): Uint8Array {
  return sha256(encodeCanonical(genesis))
}

/**
 * Checks a genesis document.
 *
 * @param json - the text of a genesis file, or what `JSON.parse` answered of it
 * @throws MalformedGenesis
 */
export function parseGenesis(json: unknown): Genesis {
  const value = typeof json === 'string' ? parseJson(json) : json
  const mismatch = explain(genesisSchema as Schema, value)
  if (mismatch !== undefined) throw new MalformedGenesis(`at ${mismatch.at || '/'}: expected ${mismatch.expected}`)
  const genesis = value as Genesis
  if (new Set(genesis.validators.map(({ publicKey }) => publicKey)).size < genesis.validators.length) {
    throw new MalformedGenesis('at /validators: expected each public key once')
  }
  return genesis
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new MalformedGenesis(`expected JSON: ${(cause as Error).message}`, { cause })
  }
}
