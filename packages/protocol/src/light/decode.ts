import { equalBytes, toHex } from '@icn/crypto'
import { keyAddress } from './hashes.ts'
import {
  ABSENT_TIME_NS,
  type BlockId,
  type Commit,
  type CommitSignature,
  type LightBlock,
  type LightHeader,
  LightLimits,
  type LightValidator,
} from './light-block.ts'
import { MalformedLightBlock } from './malformed.ts'
import { readFields } from './protobuf.ts'

const SECOND_NS = 1_000_000_000n
/** What Go's clock and `google.protobuf.Timestamp` have in common: the years 1 to 9999. */
const SECONDS = { min: ABSENT_TIME_NS / SECOND_NS, max: 253_402_300_799n }
const MAX_ROUND = 2 ** 31 - 1
const MAX_PARTS = 2 ** 32 - 1

/**
 * Reads `tendermint.types.LightBlock`. The form is checked as CometBFT does before it verifies anything, and that the set
 * holds each validator once; no hash, no signature. Time grows with the bytes, at most 512 KiB: 1.5 ms for 100 validators.
 *
 * @throws MalformedLightBlock and nothing else
 */
export function decodeLightBlock(bytes: Uint8Array): LightBlock {
  if (bytes.length > LightLimits.blockBytes) {
    throw new MalformedLightBlock(`expected at most ${LightLimits.blockBytes} bytes, got ${bytes.length}`)
  }
  const block = readFields(bytes, 'a light block', { 1: 'bytes', 2: 'bytes' })
  const signedHeader = readFields(block.bytes(1), 'a signed header', { 1: 'bytes', 2: 'bytes' })
  const header = readHeader(signedHeader.bytes(1))
  return { header, commit: readCommit(signedHeader.bytes(2)), validators: readSet(block.bytes(2)) }
}

const HEADER_FIELDS = Object.fromEntries(
  Array.from({ length: 14 }, (_, index) => [index + 1, index + 1 === 3 ? ('int' as const) : ('bytes' as const)]),
)

function readHeader(bytes: Uint8Array): LightHeader {
  const fields = readFields(bytes, 'a header', HEADER_FIELDS)
  const version = readFields(fields.bytes(1), 'a version', { 1: 'int', 2: 'int' })
  const chainId = fields.text(2, 'the chain id')
  expect(fields.bytes(2).length <= LightLimits.chainIdBytes, 'a chain id of at most 50 bytes')
  const appHash = fields.bytes(11)
  expect(appHash.length <= 255, 'an app hash of at most 255 bytes')
  return {
    versionBlock: version.int(1, 'the version of blocks'),
    versionApp: version.int(2, 'the version of the application'),
    chainId,
    height: fields.int(3, 'a height', 1),
    timeNs: readTime(fields.bytes(4)),
    lastBlockId: readBlockId(fields.bytes(5)),
    lastCommitHash: hashOf(fields.bytes(6)),
    dataHash: hashOf(fields.bytes(7)),
    validatorsHash: hashOf(fields.bytes(8)),
    nextValidatorsHash: hashOf(fields.bytes(9)),
    consensusHash: hashOf(fields.bytes(10)),
    appHash,
    lastResultsHash: hashOf(fields.bytes(12)),
    evidenceHash: hashOf(fields.bytes(13)),
    proposerAddress: sized(fields.bytes(14), 20, 'the address of a proposer'),
  }
}

function readCommit(bytes: Uint8Array): Commit {
  const fields = readFields(bytes, 'a commit', { 1: 'int', 2: 'int', 3: 'bytes', 4: 'bytes' }, [4])
  const round = fields.int(2, 'a round')
  expect(round <= MAX_ROUND, 'a round below 2^31')
  const list = fields.all(4)
  expect(list.length >= 1 && list.length <= LightLimits.validators, 'a commit with 1 to 1,000 signatures')
  const blockId = readBlockId(fields.bytes(3))
  expect(blockId.hash.length === 32 && blockId.partsHash.length === 32, 'a commit that is for a block')
  return { height: fields.int(1, 'a height', 1), round, blockId, signatures: list.map(readSignature) }
}

function readSignature(bytes: Uint8Array): CommitSignature {
  const fields = readFields(bytes, 'a commit signature', { 1: 'int', 2: 'bytes', 3: 'bytes', 4: 'bytes' })
  const flag = ([undefined, 'absent', 'commit', 'nil'] as const)[fields.int(1, 'a block id flag')]
  if (flag === undefined) throw new MalformedLightBlock('expected a block id flag of 1, 2 or 3')
  const timeNs = readTime(fields.bytes(3))
  const [address, signature] = [fields.bytes(2), fields.bytes(4)]
  if (flag === 'absent') {
    expect(address.length + signature.length === 0 && timeNs === ABSENT_TIME_NS, 'nothing of an absent validator')
    return { flag, address, timeNs, signature }
  }
  return {
    flag,
    address: sized(address, 20, 'the address of a signer'),
    timeNs,
    signature: sized(signature, 64, 'a signature'),
  }
}

function readSet(bytes: Uint8Array): readonly LightValidator[] {
  // Fields 2 and 3, the proposer and the total, are CometBFT's own and proved by nothing.
  const list = readFields(bytes, 'a validator set', { 1: 'bytes', 2: 'bytes', 3: 'int' }, [1]).all(1)
  expect(list.length >= 1 && list.length <= LightLimits.validators, 'a set of 1 to 1,000 validators')
  const validators = list.map(readValidator)
  const total = validators.reduce((sum, { power }) => sum + power, 0)
  expect(total <= LightLimits.totalPower, 'a total power of at most 2^50')
  const keys = new Set(validators.map(({ publicKey }) => toHex(publicKey)))
  expect(keys.size === validators.length, 'each validator once')
  return validators
}

function readValidator(bytes: Uint8Array): LightValidator {
  const fields = readFields(bytes, 'a validator', { 1: 'bytes', 2: 'bytes', 3: 'int', 4: 'int' })
  const key = readFields(fields.bytes(2), 'an Ed25519 key', { 1: 'bytes' })
  const publicKey = sized(key.bytes(1), 32, 'a public key')
  const address = fields.bytes(1)
  expect(equalBytes(address, keyAddress(publicKey)), 'the address that the public key has')
  return { address, publicKey, power: fields.int(3, 'the power of a validator', 1) }
}

function readBlockId(bytes: Uint8Array): BlockId {
  const fields = readFields(bytes, 'a block id', { 1: 'bytes', 2: 'bytes' })
  const parts = readFields(fields.bytes(2), 'a part set header', { 1: 'int', 2: 'bytes' })
  const partsTotal = parts.int(1, 'a number of parts')
  expect(partsTotal <= MAX_PARTS, 'a number of parts below 2^32')
  return { hash: hashOf(fields.bytes(1)), partsTotal, partsHash: hashOf(parts.bytes(2)) }
}

function readTime(bytes: Uint8Array): bigint {
  const fields = readFields(bytes, 'a time', { 1: 'int', 2: 'int' })
  const [seconds, nanos] = [fields.int64(1), fields.int64(2)]
  expect(seconds >= SECONDS.min && seconds <= SECONDS.max, 'a time from the year 1 to 9999')
  expect(nanos >= 0n && nanos < SECOND_NS, 'nanoseconds below a second')
  return seconds * SECOND_NS + nanos
}

function hashOf(bytes: Uint8Array): Uint8Array {
  return bytes.length === 0 ? bytes : sized(bytes, 32, 'a hash')
}

function sized(bytes: Uint8Array, length: number, what: string): Uint8Array {
  expect(bytes.length === length, `${what} of ${length} bytes`)
  return bytes
}

function expect(condition: boolean, what: string): asserts condition {
  if (!condition) throw new MalformedLightBlock(`expected ${what}`)
}
