import { equalBytes, toHex } from '@icn/crypto'
import { publicKeyFromText } from '../did.ts'
import type { Genesis } from '../genesis.ts'
import { type NotTrusted, notTrusted } from './failure.ts'
import { keyAddress, validatorSetHash } from './hashes.ts'
import type { LightBlock, LightValidator } from './light-block.ts'

/** What a light client starts from: a block that it believes, or the genesis, which stands for the block before the first. */
export interface Trusted {
  readonly chainId: string
  /** 0: the genesis. */
  readonly height: number
  readonly timeNs: bigint
  readonly validators: readonly LightValidator[]
  readonly nextValidatorsHash: Uint8Array
}

/** How far trust reaches from one block to a later one. */
export interface TrustRule {
  /** Signed by more than this share of the trusted power, a block further on is believed: 1/3 to 1. */
  readonly level: { readonly num: number; readonly den: number }
  /** Without it time is only compared between the two blocks. */
  readonly clock?: TrustClock
}

export interface TrustClock {
  readonly nowMs: number
  /** As long as misbehaviour of former validators can still be punished. */
  readonly trustPeriodMs: number
  /** How far the clock of a validator may be ahead of this one. */
  readonly clockDriftMs: number
}

const MS_NS = 1_000_000n

/**
 * The genesis as what is trusted: its validators make the first block, whose time is that of the genesis.
 *
 * @param height - after which the first block comes: that of the last block which a node made alone, or of the network it is made of
 */
export function trustedGenesis(
  { chainId, timeMs, validators, origin }: Pick<Genesis, 'chainId' | 'timeMs' | 'validators' | 'origin'>,
  height = origin?.height ?? 0,
): Trusted {
  const set = validators.map(({ publicKey: text, power }): LightValidator => {
    const publicKey = publicKeyFromText(text)
    if (publicKey === undefined) throw new RangeError(`${text} is no public key; parseGenesis refuses it`)
    return { address: keyAddress(publicKey), publicKey, power }
  })
  const ordered = set.toSorted((a, b) => b.power - a.power || (toHex(a.address) < toHex(b.address) ? -1 : 1))
  const timeNs = BigInt(timeMs) * MS_NS - 1n
  return { chainId, height, timeNs, validators: ordered, nextValidatorsHash: validatorSetHash(ordered) }
}

/** A verified block as what is trusted next. */
export function trustedBlock({ header, validators }: LightBlock): Trusted {
  const { chainId, height, timeNs, nextValidatorsHash } = header
  return { chainId, height, timeNs, validators, nextValidatorsHash }
}

/**
 * Whether a block of good form follows from what is trusted, if its signatures are valid. None is looked at: right after
 * the trusted block its validators are those announced; further on, enough of the trusted ones are among the signers.
 *
 * @see CometBFT spec/light-client/verification, `ValidAndVerified`; v0.38 light/verifier.go takes the validators of the
 *   trusted height itself, as here
 */
export function checkTrust(
  trusted: Trusted,
  { header, commit, validators }: LightBlock,
  rule: TrustRule,
): NotTrusted | undefined {
  const { height, timeNs } = header
  const late = rule.clock === undefined ? undefined : checkClock(trusted, timeNs, rule.clock)
  if (late?.failure === 'TRUST_EXPIRED') return late
  if (height <= trusted.height) return notTrusted('NOT_LATER', `height ${height} is not above ${trusted.height}`)
  if (timeNs <= trusted.timeNs)
    return notTrusted('TIME_NOT_LATER', `the time of ${height} is not after that of ${trusted.height}`)
  if (late !== undefined) return late
  if (height === trusted.height + 1) {
    if (equalBytes(header.validatorsHash, trusted.nextValidatorsHash)) return undefined
    return notTrusted(
      'NEXT_VALIDATORS_MISMATCH',
      `the validators of ${height} are not those that ${trusted.height} announces`,
    )
  }
  const signers = new Set(
    validators
      .filter((_, index) => commit.signatures[index]?.flag === 'commit')
      .map(({ publicKey }) => toHex(publicKey)),
  )
  let total = 0
  let signed = 0
  for (const { publicKey, power } of trusted.validators) {
    total += power
    if (signers.has(toHex(publicKey))) signed += power
  }
  const { num, den } = rule.level
  const place = trusted.height === 0 ? 'in the genesis' : `at ${trusted.height}`
  if (den * signed > num * total) return undefined
  const detail = `${signed} of ${total} of the power ${place} signed ${height}; more than ${num}/${den} must`
  return notTrusted('TRUST_TOO_LOW', detail)
}

function checkClock(trusted: Trusted, timeNs: bigint, clock: TrustClock): NotTrusted | undefined {
  const { nowMs, trustPeriodMs, clockDriftMs } = clock
  const nowNs = BigInt(nowMs) * MS_NS
  if (trusted.timeNs + BigInt(trustPeriodMs) * MS_NS <= nowNs) {
    return notTrusted('TRUST_EXPIRED', `block ${trusted.height} is older than the trust period of ${trustPeriodMs} ms`)
  }
  if (timeNs >= nowNs + BigInt(clockDriftMs) * MS_NS) {
    return notTrusted('FROM_THE_FUTURE', `its time is more than ${clockDriftMs} ms after now`)
  }
  return undefined
}
