/** What proves one block of CometBFT: `tendermint.types.LightBlock`. */
export interface LightBlock {
  readonly header: LightHeader
  readonly commit: Commit
  /** In the order of the set: falling power, then rising address. Commit signatures stand in the same order. */
  readonly validators: readonly LightValidator[]
}

/** Byte strings are hashes of 32 bytes or empty, where nothing else is said. */
export interface LightHeader {
  readonly versionBlock: number
  readonly versionApp: number
  readonly chainId: string
  /** From 1. */
  readonly height: number
  /** Nanoseconds since 1970-01-01T00:00:00Z. */
  readonly timeNs: bigint
  readonly lastBlockId: BlockId
  readonly lastCommitHash: Uint8Array
  readonly dataHash: Uint8Array
  readonly validatorsHash: Uint8Array
  readonly nextValidatorsHash: Uint8Array
  readonly consensusHash: Uint8Array
  /** State after the block before; at most 255 bytes, here 32. */
  readonly appHash: Uint8Array
  readonly lastResultsHash: Uint8Array
  readonly evidenceHash: Uint8Array
  /** 20 bytes */
  readonly proposerAddress: Uint8Array
}

export interface BlockId {
  readonly hash: Uint8Array
  readonly partsTotal: number
  readonly partsHash: Uint8Array
}

export interface Commit {
  readonly height: number
  readonly round: number
  readonly blockId: BlockId
  readonly signatures: readonly CommitSignature[]
}

/** What one validator said at the end: nothing, this block, or no block. */
export interface CommitSignature {
  readonly flag: 'absent' | 'commit' | 'nil'
  /** 20 bytes; empty where absent */
  readonly address: Uint8Array
  /** `ABSENT_TIME_NS` where absent */
  readonly timeNs: bigint
  /** 64 bytes; empty where absent */
  readonly signature: Uint8Array
}

export interface LightValidator {
  /** First 20 bytes of the SHA-256 of the public key. */
  readonly address: Uint8Array
  /** Ed25519, 32 bytes */
  readonly publicKey: Uint8Array
  readonly power: number
}

/** 0001-01-01T00:00:00Z, the zero of Go's clock. */
export const ABSENT_TIME_NS: bigint = -62_135_596_800_000_000_000n

export const LightLimits = {
  validators: 1_000,
  /** A thousand validators take 190 kB. */
  blockBytes: 524_288,
  /** All power of a set, so that three times it is an exact number. */
  totalPower: 2 ** 50,
  chainIdBytes: 50,
} as const
