import type { CometRound } from './comet.ts'

interface ParticipationInput {
  readonly validators: readonly { readonly address: string; readonly power: number }[]
  /** Of the last block: who did not sign the one before. */
  readonly missed: readonly string[]
  /** Of CometBFT: the round that is being decided. */
  readonly round: CometRound | undefined
  /** Whether the next block takes longer than it should. */
  readonly isStuck: boolean
}

/**
 * Share of the power that takes part. While blocks come, that is what signed the last commit that a block carries; such a
 * commit always has more than two thirds. When no block comes, it is whose votes of the present or last round are heard.
 */
export function participationOf({ validators, missed, round, isStuck }: ParticipationInput): number | null {
  if (isStuck && round !== undefined) return round.heardShare
  const all = validators.reduce((sum, { power }) => sum + power, 0)
  const absent = validators.filter(({ address }) => missed.includes(address)).reduce((sum, { power }) => sum + power, 0)
  return all === 0 ? null : (all - absent) / all
}
