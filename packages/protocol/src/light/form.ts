import { equalBytes, toHex } from '@icn/crypto'
import { type NotTrusted, notTrusted } from './failure.ts'
import { lightHeaderHash, validatorSetHash } from './hashes.ts'
import type { LightBlock } from './light-block.ts'

/** `version.BlockProtocol` of CometBFT 0.38. */
const BLOCK_VERSION = 11

/**
 * Whether header, commit and validators belong together and to this network. No signature is looked at: 1 ms for 100
 * validators.
 */
export function checkForm({ header, commit, validators }: LightBlock, chainId: string): NotTrusted | undefined {
  if (header.chainId !== chainId) {
    return notTrusted('WRONG_CHAIN', `the header is of ${JSON.stringify(header.chainId)}, not of ${chainId}`)
  }
  if (header.versionBlock !== BLOCK_VERSION) {
    return notTrusted('WRONG_VERSION', `blocks of version ${header.versionBlock}, expected ${BLOCK_VERSION}`)
  }
  if (commit.height !== header.height) {
    return notTrusted('COMMIT_MISMATCH', `the commit is for height ${commit.height}, the header is ${header.height}`)
  }
  const hash = lightHeaderHash(header)
  if (!equalBytes(hash, commit.blockId.hash)) {
    return notTrusted(
      'COMMIT_MISMATCH',
      `the commit is for ${short(commit.blockId.hash)}, the header is ${short(hash)}`,
    )
  }
  const set = validatorSetHash(validators)
  if (!equalBytes(set, header.validatorsHash)) {
    return notTrusted(
      'VALIDATORS_MISMATCH',
      `the set is ${short(set)}, the header names ${short(header.validatorsHash)}`,
    )
  }
  const { signatures } = commit
  if (signatures.length !== validators.length) {
    return notTrusted('WRONG_SIGNER', `${signatures.length} signatures for ${validators.length} validators`)
  }
  const stray = signatures.findIndex(
    ({ flag, address }, index) => flag !== 'absent' && !equalBytes(address, validators[index]?.address ?? EMPTY),
  )
  if (stray !== -1) return notTrusted('WRONG_SIGNER', `signature ${stray} is not of validator ${stray}`)
  return undefined
}

const EMPTY = new Uint8Array()

function short(hash: Uint8Array): string {
  return `${toHex(hash).slice(0, 16)}…`
}
