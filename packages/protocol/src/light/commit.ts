import { verifyZip215 } from '@icn/crypto/verify-zip215'
import { voteBytes } from './encode.ts'
import { type NotTrusted, notTrusted } from './failure.ts'
import type { LightBlock } from './light-block.ts'

/**
 * Whether more than two thirds of the block's own validators signed it. Every signature that is there must be valid, those
 * for no block too; absent ones and those for no block count nothing. 65 µs a signature on node, 1.3 ms in a browser.
 *
 * @param block - of good form: `checkForm` found nothing
 * @see CometBFT v0.38 types/validation.go, `VerifyCommit`
 */
export function checkCommit({ header, commit, validators }: LightBlock): NotTrusted | undefined {
  let total = 0
  let signed = 0
  for (const { power } of validators) total += power
  // Before any signature is computed: who could not have enough is not worth the time.
  for (const [index, { flag }] of commit.signatures.entries()) {
    if (flag === 'commit') signed += validators[index]?.power ?? 0
  }
  if (3 * signed <= 2 * total) {
    return notTrusted('POWER_TOO_LOW', `${signed} of ${total} of the power signed; more than two thirds must`)
  }
  for (const [index, signature] of commit.signatures.entries()) {
    const validator = validators[index]
    if (validator === undefined || signature.flag === 'absent') continue
    const vote = voteBytes(header.chainId, commit, signature)
    if (!verifyZip215(validator.publicKey, vote, signature.signature)) {
      return notTrusted('BAD_SIGNATURE', `signature ${index} of ${commit.signatures.length} is not valid`)
    }
  }
  return undefined
}
