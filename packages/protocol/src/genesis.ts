import { encodeCanonical, sha256 } from '@icn/crypto'
import { Type } from 'typebox'
import { explain, type Schema } from './bodies/explain.ts'
import { Allowance as AllowanceSchema, MaxValidators, Power } from './bodies/network.ts'
import { ChainId, DidText, Name, object, PublicKeyText, TimeMs } from './bodies/shared.ts'
import { parseDid } from './did.ts'
import { Limits } from './limits.ts'
import { faultOfOrigin, type GenesisOrigin, originSchema } from './origin.ts'

/** The beginning of a network: whoever has these bytes can check every block after them. */
export interface Genesis {
  readonly chainId: string
  readonly name: string
  readonly timeMs: number
  readonly validators: readonly GenesisValidator[]
  readonly params: NetworkParams
  /** The organization that decides about validators; where nobody is named, the validators stay as they are. */
  readonly federation?: GenesisFederation
  /** The network of whose state this one is made; without it a network begins with nothing. */
  readonly origin?: GenesisOrigin
}

/** Founded with the first block; each member has one vote. */
export interface GenesisFederation {
  readonly name: string
  /** The first one founds it and holds every role. */
  readonly members: readonly { readonly did: string; readonly name: string }[]
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
  /** Left out: 1 where the genesis names one validator, else 100. */
  readonly maxValidators?: number
  /** Left out: `defaultAttendance`. */
  readonly attendance?: Attendance
}

/** When validators who are away are jailed. */
export interface Attendance {
  /** Blocks are counted in windows of so many; whoever misses more than half of one, or as many in a row, is jailed. */
  readonly windowBlocks: number
  /** How long at least, in milliseconds. */
  readonly jailMs: number
}

/** The least time in jail is that of the Cosmos SDK (`downtime_jail_duration`). */
export const defaultAttendance: Attendance = { windowBlocks: 1_000, jailMs: 600_000 }

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

export const genesisSchema = object({
  chainId: ChainId,
  name: Name,
  timeMs: TimeMs,
  validators: Type.Array(object({ name: Name, publicKey: PublicKeyText, power: Power }), {
    minItems: 1,
    maxItems: Limits.validators,
  }),
  params: object({
    memberAllowance: AllowanceSchema,
    strangerAllowance: AllowanceSchema,
    maxBlockBytes: Type.Integer({ minimum: 65_536, maximum: 32 * 1024 * 1024 }),
    maxValidators: Type.Optional(MaxValidators),
    attendance: Type.Optional(
      object({
        windowBlocks: Type.Integer({ minimum: 10, maximum: 1_000_000 }),
        jailMs: Type.Integer({ minimum: 1_000, maximum: 30 * 86_400_000 }),
      }),
    ),
  }),
  federation: Type.Optional(
    object({ name: Name, members: Type.Array(object({ did: DidText, name: Name }), { minItems: 1, maxItems: 100 }) }),
  ),
  origin: Type.Optional(originSchema),
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
  if (genesis.validators.length > maxValidatorsOf(genesis)) {
    throw new MalformedGenesis(
      `at /validators: expected at most ${maxValidatorsOf(genesis)}, as /params/maxValidators says`,
    )
  }
  const members = genesis.federation?.members.map(({ did }) => did) ?? []
  if (new Set(members).size < members.length || !members.every((did) => parseDid(did) !== undefined)) {
    throw new MalformedGenesis('at /federation/members: expected DIDs, each once')
  }
  const fault = faultOfOrigin(genesis)
  if (fault !== undefined) throw new MalformedGenesis(fault)
  return genesis
}

/** How many validators the network may have at first; 1 is for good, since one producer alone makes its blocks. */
export function maxValidatorsOf({ validators, params }: Pick<Genesis, 'validators' | 'params'>): number {
  return params.maxValidators ?? (validators.length === 1 ? 1 : 100)
}

/**
 * Whether CometBFT makes the blocks from the first one on: then no header that a node signed alone is one of this network,
 * whoever signed it. Where it does not say so, the network may still have become one of several later.
 */
export function isOfSeveral(genesis: Pick<Genesis, 'validators' | 'params'>): boolean {
  return maxValidatorsOf(genesis) > 1
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new MalformedGenesis(`expected JSON: ${(cause as Error).message}`, { cause })
  }
}
