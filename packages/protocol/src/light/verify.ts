import type { Genesis } from '../genesis.ts'
import { checkCommit } from './commit.ts'
import type { NotTrusted } from './failure.ts'
import { checkForm } from './form.ts'
import type { LightBlock } from './light-block.ts'
import { checkTrust, type Trusted, type TrustRule, trustedBlock, trustedGenesis } from './trust.ts'

/** What a light client that follows a network believes from. Shares beside 1/3 are for those who want more. */
export interface FollowOptions {
  readonly nowMs: number
  readonly trustPeriodMs: number
  /** 10 s where nothing is said. */
  readonly clockDriftMs?: number
  /** More than this share of the trusted power must have signed: 1/3 where nothing is said. */
  readonly level?: TrustRule['level']
}

export type Verified = { readonly ok: true; readonly trusted: Trusted } | NotTrusted

/**
 * The rule for proof that is read whenever: no clock, and two thirds instead of one. Without a trust period a third of
 * some former validators, who no longer have anything to lose, must not suffice; with two thirds a path that skips is
 * worth as much as one through every block.
 *
 * @see docs/adr/0010-light-client.md
 */
export const ARCHIVE_RULE: TrustRule = { level: { num: 2, den: 3 } }

/**
 * Follows from a trusted block to a later one, as a light client does that looks again within the trust period. With the
 * failure `TRUST_TOO_LOW` a block between the two may help: `trustPath`. Never throws on what a block holds; 100 validators take 10 ms on
 * node, 0.1 s in a browser.
 *
 * @throws RangeError for a level outside 1/3 to 1
 */
export function verifyFrom(trusted: Trusted, untrusted: LightBlock, options: FollowOptions): Verified {
  const { nowMs, trustPeriodMs, clockDriftMs = 10_000, level = { num: 1, den: 3 } } = options
  if (3 * level.num < level.den || level.num > level.den) throw new RangeError('a trust level is from 1/3 to 1')
  return verifyStep(trusted, untrusted, { level, clock: { nowMs, trustPeriodMs, clockDriftMs } })
}

/** One step by any rule: form, then trust, which cost little, then signatures. */
export function verifyStep(trusted: Trusted, untrusted: LightBlock, rule: TrustRule): Verified {
  const failed = checkForm(untrusted, trusted.chainId) ?? checkTrust(trusted, untrusted, rule) ?? checkCommit(untrusted)
  return failed ?? { ok: true, trusted: trustedBlock(untrusted) }
}

export type VerifiedChain =
  | { readonly ok: true; readonly trusted: Trusted }
  /** `at`: which of the blocks. */
  | (NotTrusted & { readonly at: number })

/**
 * Goes from the genesis through all blocks by `ARCHIVE_RULE`; what is trusted in the end is the last of them. The first
 * block has the genesis validators, or so many of them signed it that it may be further on. Never throws.
 */
export function verifyChain(
  genesis: Pick<Genesis, 'chainId' | 'timeMs' | 'validators' | 'origin'>,
  blocks: readonly LightBlock[],
): VerifiedChain {
  let trusted = trustedGenesis(genesis)
  for (const [at, block] of blocks.entries()) {
    const verified = verifyStep(trusted, block, ARCHIVE_RULE)
    if (!verified.ok) return { ...verified, at }
    trusted = verified.trusted
  }
  return { ok: true, trusted }
}
