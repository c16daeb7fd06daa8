import type { BlockId, Commit, CommitSignature, LightBlock, LightHeader, LightValidator } from './light-block.ts'
import { bytesField, delimited, fixedField, intField, message, messageField, type Part, textField } from './protobuf.ts'

const FLAGS = { absent: 1, commit: 2, nil: 3 } as const
const PRECOMMIT = 2
const SECOND_NS = 1_000_000_000n

/**
 * `tendermint.types.LightBlock` with what hashes and signatures cover: without the proposer, priorities and total of the
 * set, which nothing proves. `decodeLightBlock` reads it, and CometBFT's own form too.
 */
export function encodeLightBlock({ header, commit, validators }: LightBlock): Uint8Array {
  const signedHeader = message(messageField(1, encodeHeader(header)), messageField(2, encodeCommit(commit)))
  const set = validators.map((validator) => messageField(1, encodeValidator(validator)))
  return message(messageField(1, signedHeader), messageField(2, message(...set)))
}

function encodeHeader(header: LightHeader): Uint8Array {
  return message(
    messageField(1, encodeVersion(header)),
    textField(2, header.chainId),
    intField(3, header.height),
    messageField(4, encodeTime(header.timeNs)),
    messageField(5, encodeBlockId(header.lastBlockId)),
    ...hashesOf(header).map((hash, index) => bytesField(6 + index, hash)),
  )
}

/** In the order of the fields, from 6 on. */
function hashesOf(header: LightHeader): readonly Uint8Array[] {
  return [
    header.lastCommitHash,
    header.dataHash,
    header.validatorsHash,
    header.nextValidatorsHash,
    header.consensusHash,
    header.appHash,
    header.lastResultsHash,
    header.evidenceHash,
    header.proposerAddress,
  ]
}

/** The fourteen leaves under the hash of a header: each field as a message of its own, plain values within field 1. */
export function headerLeaves(header: LightHeader): readonly Uint8Array[] {
  const wrap = (part: Part) => part ?? new Uint8Array()
  return [
    encodeVersion(header),
    wrap(textField(1, header.chainId)),
    wrap(intField(1, header.height)),
    encodeTime(header.timeNs),
    encodeBlockId(header.lastBlockId),
    ...hashesOf(header).map((hash) => wrap(bytesField(1, hash))),
  ]
}

/** `SimpleValidator`, the leaf of the validator set's hash. */
export function validatorLeaf({ publicKey, power }: LightValidator): Uint8Array {
  return message(messageField(1, encodeKey(publicKey)), intField(2, power))
}

/**
 * What a validator signs: `CanonicalVote` with its length before it. A vote for no block has no block id.
 *
 * @see CometBFT spec/core/data_structures.md, "CanonicalVote"
 */
export function voteBytes(chainId: string, commit: Commit, { flag, timeNs }: CommitSignature): Uint8Array {
  return delimited(
    message(
      intField(1, PRECOMMIT),
      fixedField(2, commit.height),
      fixedField(3, commit.round),
      flag === 'commit' ? messageField(4, encodeBlockId(commit.blockId)) : undefined,
      messageField(5, encodeTime(timeNs)),
      textField(6, chainId),
    ),
  )
}

function encodeCommit({ height, round, blockId, signatures }: Commit): Uint8Array {
  return message(
    intField(1, height),
    intField(2, round),
    messageField(3, encodeBlockId(blockId)),
    ...signatures.map((signature) => messageField(4, encodeSignature(signature))),
  )
}

function encodeSignature({ flag, address, timeNs, signature }: CommitSignature): Uint8Array {
  return message(
    intField(1, FLAGS[flag]),
    bytesField(2, address),
    messageField(3, encodeTime(timeNs)),
    bytesField(4, signature),
  )
}

function encodeValidator({ address, publicKey, power }: LightValidator): Uint8Array {
  return message(bytesField(1, address), messageField(2, encodeKey(publicKey)), intField(3, power))
}

function encodeKey(publicKey: Uint8Array): Uint8Array {
  return messageField(1, publicKey)
}

function encodeVersion({ versionBlock, versionApp }: LightHeader): Uint8Array {
  return message(intField(1, versionBlock), intField(2, versionApp))
}

function encodeBlockId({ hash, partsTotal, partsHash }: BlockId): Uint8Array {
  return message(bytesField(1, hash), messageField(2, message(intField(1, partsTotal), bytesField(2, partsHash))))
}

/** `google.protobuf.Timestamp`: whole seconds, which may be negative, and the nanoseconds after them. */
function encodeTime(timeNs: bigint): Uint8Array {
  const nanos = ((timeNs % SECOND_NS) + SECOND_NS) % SECOND_NS
  return message(intField(1, (timeNs - nanos) / SECOND_NS), intField(2, nanos))
}
