import { CanonicalError, decodeCanonical, encodeCanonical, type RowProof } from '@icn/crypto'
import { type Genesis, MalformedGenesis, parseGenesis } from './genesis.ts'

/** Everything that proves one finished decision, in one file. docs/protocol.md says how to verify it. */
export type AuditBundle = SignedBundle | CommittedBundle

/** Proved by a header of our own, which the genesis validators signed: of a node that makes its blocks alone. */
export interface SignedBundle extends BundleFacts {
  readonly format: 'icn-audit-bundle/1'
  /** Signed header bytes of the block whose app hash the proofs lead to. */
  readonly header: Uint8Array
}

/** Proved by the commits of a network of validators, which may have changed since the genesis. */
export interface CommittedBundle extends BundleFacts {
  readonly format: 'icn-audit-bundle/2'
  /**
   * `tendermint.types.LightBlock` bytes as `encodeLightBlock` writes them, from the genesis validators to the block whose
   * header names the app hash that the proofs lead to.
   */
  readonly lightBlocks: readonly Uint8Array[]
}

export interface BundleFacts {
  readonly chainId: string
  /** Key and columns of the `proposal` row as stored. */
  readonly proposal: Readonly<Record<string, unknown>>
  /** The roll's log up to the version that the vote froze, in order. */
  readonly rollEntries: readonly RollEntry[]
  /** Signed bytes of every vote, changed ballots included, in the order of the ballot box's log. */
  readonly votes: readonly Uint8Array[]
  /** Signed `identity.register`, `.rotate` and `.deactivate` of those voters who have a did:icn, by height. */
  readonly identities: readonly IdentityRecord[]
  /** What the ledger says came out: the proposal's `result` column. */
  readonly result: unknown
  readonly proofs: { readonly proposal: BundleProof; readonly ballotBox: BundleProof }
  readonly genesis: Genesis
}

export type RollEntry = readonly [version: number, did: string, change: 'in' | 'out']
export type IdentityRecord = readonly [height: number, bytes: Uint8Array]

/** A row under its module's root, and that root under the app hash. */
export interface BundleProof {
  readonly table: string
  readonly key: readonly (string | number)[]
  readonly module: string
  readonly row: RowProof
  readonly moduleRoot: RowProof
}

/** Bytes that are no audit bundle; the message says what was expected where. */
export class MalformedBundle extends Error {
  override readonly name = 'MalformedBundle'
  readonly code = 'BAD_BUNDLE'
}

/** Light blocks of one bundle: years of changes. */
export const MAX_LIGHT_BLOCKS = 1_000
/** A million ballots of 300 bytes, and their roll. */
const BUNDLE_LIMITS = { maxBytes: 1_073_741_824, maxDepth: 16, maxItems: 100_000_000 }

export function encodeBundle(bundle: AuditBundle): Uint8Array {
  return encodeCanonical(bundle)
}

/**
 * The form is checked, not the truth of it. Memory and time grow with the bytes, at most 1 GiB.
 *
 * @throws MalformedBundle and nothing else
 */
export function decodeBundle(bytes: Uint8Array): AuditBundle {
  const bundle = asMap(decode(bytes), 'a bundle')
  if (bundle.format === 'icn-audit-bundle/1') {
    checkFields(bundle, 'a bundle', [...FIELDS, 'header'].sort())
    return { format: bundle.format, ...asFacts(bundle), header: asBytes(bundle.header, 'header') }
  }
  if (bundle.format === 'icn-audit-bundle/2') {
    checkFields(bundle, 'a bundle', [...FIELDS, 'lightBlocks'].sort())
    return { format: bundle.format, ...asFacts(bundle), lightBlocks: asLightBlocks(bundle.lightBlocks) }
  }
  throw new MalformedBundle('expected the format icn-audit-bundle/1 or icn-audit-bundle/2')
}

const FIELDS = ['chainId', 'format', 'genesis', 'identities', 'proofs', 'proposal', 'result', 'rollEntries', 'votes']

function asFacts(bundle: Record<string, unknown>): BundleFacts {
  const proofs = asRecord(bundle.proofs, 'proofs', ['ballotBox', 'proposal'])
  return {
    chainId: asText(bundle.chainId, 'chainId'),
    proposal: asMap(bundle.proposal, 'proposal'),
    rollEntries: asList(bundle.rollEntries, 'rollEntries').map(asRollEntry),
    votes: asList(bundle.votes, 'votes').map((vote) => asBytes(vote, 'votes')),
    identities: asList(bundle.identities, 'identities').map(asIdentity),
    result: bundle.result,
    proofs: { proposal: asProof(proofs.proposal), ballotBox: asProof(proofs.ballotBox) },
    genesis: asGenesis(bundle.genesis),
  }
}

function asLightBlocks(value: unknown): Uint8Array[] {
  const blocks = asList(value, 'lightBlocks').map((block) => asBytes(block, 'lightBlocks'))
  if (blocks.length >= 1 && blocks.length <= MAX_LIGHT_BLOCKS) return blocks
  throw new MalformedBundle(`expected 1 to ${MAX_LIGHT_BLOCKS} lightBlocks, got ${blocks.length}`)
}

function decode(bytes: Uint8Array): unknown {
  try {
    return decodeCanonical(bytes, BUNDLE_LIMITS)
  } catch (cause) {
    if (cause instanceof CanonicalError) throw new MalformedBundle(cause.message, { cause })
    throw cause
  }
}

function asGenesis(value: unknown): Genesis {
  try {
    return parseGenesis(asMap(value, 'genesis'))
  } catch (cause) {
    if (cause instanceof MalformedGenesis) throw new MalformedBundle(`genesis: ${cause.message}`, { cause })
    throw cause
  }
}

function asRollEntry(value: unknown): RollEntry {
  const [version, did, change, ...rest] = asList(value, 'rollEntries')
  if (rest.length > 0 || (change !== 'in' && change !== 'out')) {
    throw new MalformedBundle('expected roll entries [version, DID, "in" or "out"]')
  }
  return [asCount(version, 'rollEntries'), asText(did, 'rollEntries'), change]
}

function asIdentity(value: unknown): IdentityRecord {
  const [height, bytes, ...rest] = asList(value, 'identities')
  if (rest.length > 0) throw new MalformedBundle('expected identities [height, bytes]')
  return [asCount(height, 'identities'), asBytes(bytes, 'identities')]
}

function asProof(value: unknown): BundleProof {
  const proof = asRecord(value, 'a proof', ['key', 'module', 'moduleRoot', 'row', 'table'])
  return {
    table: asText(proof.table, 'table'),
    key: asList(proof.key, 'key').map(asKeyPart),
    module: asText(proof.module, 'module'),
    row: asRowProof(proof.row),
    moduleRoot: asRowProof(proof.moduleRoot),
  }
}

function asRowProof(value: unknown): RowProof {
  const proof = asRecord(value, 'a row proof', ['path', 'steps', 'value'])
  const steps = asList(proof.steps, 'steps')
  if (steps.length > 256) throw new MalformedBundle('expected at most 256 steps')
  return {
    path: asHash(proof.path, 'path'),
    value: asBytes(proof.value, 'value'),
    steps: steps.map((step) => {
      const { side, hash } = asRecord(step, 'a step', ['hash', 'side'])
      if (side !== 'left' && side !== 'right') throw new MalformedBundle('expected a step with a side, left or right')
      return { side, hash: asHash(hash, 'steps') }
    }),
  }
}

/** A map with these fields, sorted, and no other. */
function asRecord(value: unknown, what: string, names: readonly string[]): Record<string, unknown> {
  return checkFields(asMap(value, what), what, names)
}

function checkFields(map: Record<string, unknown>, what: string, names: readonly string[]): Record<string, unknown> {
  if (Object.keys(map).sort().join() === names.join()) return map
  throw new MalformedBundle(`expected ${what} with the fields ${names.join(', ')}`)
}

function asMap(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array) {
    throw new MalformedBundle(`expected ${what} as a map`)
  }
  return value as Record<string, unknown>
}

function asList(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new MalformedBundle(`expected ${what} as a list`)
  return value
}

function asText(value: unknown, what: string): string {
  if (typeof value !== 'string') throw new MalformedBundle(`expected ${what} as text`)
  return value
}

function asCount(value: unknown, what: string): number {
  if (typeof value !== 'number' || value < 0) throw new MalformedBundle(`expected ${what} with an integer of 0 or more`)
  return value
}

function asKeyPart(value: unknown): string | number {
  return typeof value === 'number' ? asCount(value, 'key') : asText(value, 'key')
}

function asBytes(value: unknown, what: string): Uint8Array {
  if (!(value instanceof Uint8Array)) throw new MalformedBundle(`expected ${what} as bytes`)
  return value
}

function asHash(value: unknown, what: string): Uint8Array {
  const bytes = asBytes(value, what)
  if (bytes.length !== 32) throw new MalformedBundle(`expected ${what} of 32 bytes, got ${bytes.length}`)
  return bytes
}
