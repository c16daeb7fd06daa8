import { CanonicalError, decodeCanonical, encodeCanonical, equalBytes, sha256 } from '@icn/crypto'
import type { SnapshotInfo, ValidatorReport } from '@icn/state-machine/kernel'

/** The only format so far. */
export const SNAPSHOT_FORMAT = 1
/** Largest piece that is sent, taken, or made of one that was taken. */
export const MAX_CHUNK_BYTES = 10_000_000
/** What CometBFT sends of a snapshot beside its chunks; 100,000 chunks take 3.2 MB. */
export const MAX_METADATA_BYTES = 3_500_000

/** The last block of a snapshot, without what was in it. */
export interface SnapshotBlock {
  readonly height: number
  readonly timeMs: number
  readonly hash: Uint8Array
  readonly header: Uint8Array
  readonly appHash: Uint8Array
  readonly report: ValidatorReport
  readonly transactions: number
}

/** What the metadata of a snapshot says, in DAG-CBOR. All of it is the same on every node. */
export interface Manifest extends SnapshotBlock {
  /** Hash of the genesis. */
  readonly network: Uint8Array
  /** Names tables and columns: rows of others would mean something else. */
  readonly tables: string
  /** SHA-256 of each chunk as it was before it was compressed, 32 bytes each. */
  readonly chunkHashes: Uint8Array
}

const FIELDS = [
  'height',
  'timeMs',
  'hash',
  'header',
  'appHash',
  'report',
  'transactions',
  'network',
  'tables',
  'chunkHashes',
] as const

export function encodeManifest(manifest: Manifest): Uint8Array {
  return encodeCanonical(Object.fromEntries(FIELDS.map((name) => [name, manifest[name]])))
}

/** @returns `undefined` for bytes that are no manifest: they come from anybody */
export function decodeManifest(bytes: Uint8Array): Manifest | undefined {
  try {
    const value = decodeCanonical(bytes, { maxBytes: MAX_METADATA_BYTES }) as Manifest
    return isManifest(value) ? value : undefined
  } catch (error) {
    if (error instanceof CanonicalError) return undefined
    throw error
  }
}

export function infoOf(metadata: Uint8Array, manifest: Manifest): SnapshotInfo {
  const { height } = manifest
  return { height, format: SNAPSHOT_FORMAT, chunks: chunksOf(manifest), hash: sha256(metadata), metadata }
}

export function chunksOf({ chunkHashes }: Manifest): number {
  return chunkHashes.length / 32
}

/** Whether these bytes, not compressed, are chunk `index`. */
export function isChunk(manifest: Manifest, index: number, bytes: Uint8Array): boolean {
  return equalBytes(sha256(bytes), manifest.chunkHashes.subarray(index * 32, index * 32 + 32))
}

function isManifest(value: unknown): value is Manifest {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== FIELDS.length) return false
  const { height, timeMs, hash, header, appHash, report, transactions, network, tables, chunkHashes } =
    value as Partial<Record<(typeof FIELDS)[number], unknown>>
  return (
    [height, timeMs, transactions].every((count) => typeof count === 'number' && count >= 0) &&
    (height as number) > 0 &&
    [hash, appHash, network].every((own) => own instanceof Uint8Array && own.length === 32) &&
    header instanceof Uint8Array &&
    chunkHashes instanceof Uint8Array &&
    chunkHashes.length % 32 === 0 &&
    typeof tables === 'string' &&
    isReport(report)
  )
}

function isReport(value: unknown): value is ValidatorReport {
  const report = value as Partial<ValidatorReport> | null
  return (
    typeof report === 'object' &&
    report !== null &&
    typeof report.proposer === 'string' &&
    Array.isArray(report.missed) &&
    report.missed.every((address) => typeof address === 'string') &&
    Array.isArray(report.misbehaviour)
  )
}
