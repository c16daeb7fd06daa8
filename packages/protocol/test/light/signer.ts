import { publicKeyFromSeed, sha256, sign, toHex } from '@icn/crypto'
import { type Genesis, publicKeyToText } from '@icn/protocol'
import {
  ABSENT_TIME_NS,
  type Commit,
  type CommitSignature,
  keyAddress,
  type LightBlock,
  type LightHeader,
  type LightValidator,
  lightHeaderHash,
  validatorSetHash,
  voteBytes,
} from '@icn/protocol/light'

/** A validator whose secret a test knows. */
export interface TestValidator {
  readonly seed: Uint8Array
  readonly power: number
}

/** One block of a chain that tests sign themselves. */
export interface BlockPlan {
  readonly height: number
  readonly validators: readonly TestValidator[]
  /** Of the next height; the same where nothing is said. */
  readonly next?: readonly TestValidator[]
  readonly appHash?: Uint8Array
  readonly timeNs?: bigint
  readonly round?: number
  /** What each one does, in the order of the set; `commit` where nothing is said. */
  readonly flags?: readonly CommitSignature['flag'][]
}

export const CHAIN = 'light-test'
export const GENESIS_MS = 1_700_000_000_000
const EMPTY = new Uint8Array()

export function validatorOf(fill: number, power = 1): TestValidator {
  return { seed: sha256(Uint8Array.of(fill % 256, fill >> 8)), power }
}

/** In the order of CometBFT: falling power, then rising address. */
export function inOrder(validators: readonly TestValidator[]): readonly TestValidator[] {
  const address = ({ seed }: TestValidator) => toHex(keyAddress(publicKeyFromSeed(seed)))
  return validators.toSorted((a, b) => b.power - a.power || (address(a) < address(b) ? -1 : 1))
}

export function setOf(validators: readonly TestValidator[]): LightValidator[] {
  return inOrder(validators).map(({ seed, power }) => {
    const publicKey = publicKeyFromSeed(seed)
    return { address: keyAddress(publicKey), publicKey, power }
  })
}

export function genesisOf(
  validators: readonly TestValidator[],
  chainId = CHAIN,
): Pick<Genesis, 'chainId' | 'timeMs' | 'validators'> {
  const list = validators.map(({ seed, power }, index) => ({
    name: `Validator ${index}`,
    publicKey: publicKeyToText(publicKeyFromSeed(seed)),
    power,
  }))
  return { chainId, timeMs: GENESIS_MS, validators: list }
}

export function headerOf(plan: BlockPlan, chainId = CHAIN): LightHeader {
  const { height, validators, next = validators } = plan
  const set = setOf(validators)
  const fill = (byte: number) => new Uint8Array(32).fill(byte)
  return {
    versionBlock: 11,
    versionApp: 1,
    chainId,
    height,
    timeNs: plan.timeNs ?? (BigInt(GENESIS_MS) + BigInt(height - 1) * 1_000n) * 1_000_000n,
    lastBlockId: {
      hash: height === 1 ? EMPTY : fill(1),
      partsTotal: height === 1 ? 0 : 1,
      partsHash: height === 1 ? EMPTY : fill(2),
    },
    lastCommitHash: fill(3),
    dataHash: fill(4),
    validatorsHash: validatorSetHash(set),
    nextValidatorsHash: validatorSetHash(setOf(next)),
    consensusHash: fill(5),
    appHash: plan.appHash ?? fill(6),
    lastResultsHash: fill(7),
    evidenceHash: fill(8),
    proposerAddress: set[0]?.address ?? EMPTY,
  }
}

export function signBlock(plan: BlockPlan, chainId = CHAIN): LightBlock {
  return commitTo(headerOf(plan, chainId), plan)
}

/** Signs whatever header a test made. */
export function commitTo(header: LightHeader, { validators, flags = [], round = 0 }: BlockPlan): LightBlock {
  const ordered = inOrder(validators)
  const set = setOf(validators)
  const blockId = { hash: lightHeaderHash(header), partsTotal: 1, partsHash: new Uint8Array(32).fill(9) }
  const commit: Commit = { height: header.height, round, blockId, signatures: [] }
  const signatures = ordered.map(({ seed }, index): CommitSignature => {
    const flag = flags[index] ?? 'commit'
    if (flag === 'absent') return { flag, address: EMPTY, timeNs: ABSENT_TIME_NS, signature: EMPTY }
    const unsigned = {
      flag,
      address: set[index]?.address ?? EMPTY,
      timeNs: header.timeNs + BigInt(index),
      signature: EMPTY,
    }
    return { ...unsigned, signature: sign(voteBytes(header.chainId, commit, unsigned), seed) }
  })
  return { header, commit: { ...commit, signatures }, validators: set }
}
