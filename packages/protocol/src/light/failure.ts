/** Why a light block is not trusted, in the order in which it is asked. Names are stable: programs and vectors hold them. */
export const LIGHT_FAILURES = [
  /** The header is of another network. */
  'WRONG_CHAIN',
  /** The header is of a version of blocks that is not known here. */
  'WRONG_VERSION',
  /** The commit is for another height or another block than the header's. */
  'COMMIT_MISMATCH',
  /** The validators are not those that the header names. */
  'VALIDATORS_MISMATCH',
  /** A signature stands where another validator's belongs, or there are not as many as validators. */
  'WRONG_SIGNER',
  /** What is trusted is older than the trust period. */
  'TRUST_EXPIRED',
  /** The height is not above the trusted one. */
  'NOT_LATER',
  /** The time is not after the trusted one. */
  'TIME_NOT_LATER',
  /** The time is later than now and the drift that clocks may have. */
  'FROM_THE_FUTURE',
  /** Right after the trusted block, with other validators than it announced. */
  'NEXT_VALIDATORS_MISMATCH',
  /** Too few of the trusted validators signed: a block between the two is needed. */
  'TRUST_TOO_LOW',
  /** A signature is not its validator's over this block. */
  'BAD_SIGNATURE',
  /** Not more than two thirds of the power signed. */
  'POWER_TOO_LOW',
] as const

export type LightFailure = (typeof LIGHT_FAILURES)[number]

/** The detail is for people, in English. */
export interface NotTrusted {
  readonly ok: false
  readonly failure: LightFailure
  readonly detail: string
}

export function notTrusted(failure: LightFailure, detail: string): NotTrusted {
  return { ok: false, failure, detail }
}
