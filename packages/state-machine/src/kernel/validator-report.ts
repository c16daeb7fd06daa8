/**
 * What consensus tells of the validators with a block. Part of what is agreed on: every node executes the block with the
 * same report, and a replay with the one that was kept. Validators are named by their address (`validatorAddress` of
 * @icn/protocol).
 */
export interface ValidatorReport {
  /** Who proposed the block. */
  readonly proposer: string
  /** Validators whose signature the block before lacks, sorted. */
  readonly missed: readonly string[]
  /** Proven misbehaviour that this block brings to light. */
  readonly misbehaviour: readonly Misbehaviour[]
}

export interface Misbehaviour {
  readonly validator: string
  /** When it happened, before this block. */
  readonly height: number
  readonly timeMs: number
  readonly kind: 'duplicate-vote' | 'light-client-attack'
}

/** From a height of its own on, a validator's power in votes on blocks. */
export interface ValidatorUpdate {
  /** `z6Mk…` */
  readonly publicKey: string
  /** 0: it is a validator no longer. */
  readonly power: number
}

/** Of a block without validators, such as one that a simulation makes. */
export const NOTHING_REPORTED: ValidatorReport = { proposer: '', missed: [], misbehaviour: [] }
