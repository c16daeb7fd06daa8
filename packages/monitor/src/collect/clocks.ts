import type { ClockStatus } from '../status.ts'
import type { CometCommit } from './comet.ts'
import { quantile } from './quantile.ts'

/**
 * What the votes of one commit tell of clocks. Validators vote within the same fraction of a second and put their own
 * time on it, so against the median of all a vote shows skew and the way between nodes together. A clock that is slow shows
 * less than it is: CometBFT never lets a vote be earlier than its block plus 1 ms.
 */
export function clocksOf(
  commit: CometCommit | undefined,
  own: string | undefined,
): Pick<ClockStatus, 'ownMs' | 'spreadMs'> & { readonly byValidator: ReadonlyMap<string, number> } {
  const times = commit?.votes.map((vote) => vote.timeMs) ?? []
  const median = quantile(times, 0.5)
  if (commit === undefined || median === null) return { ownMs: null, spreadMs: null, byValidator: new Map() }
  const byValidator = new Map(commit.votes.map((vote) => [vote.validator, vote.timeMs - median]))
  const ownMs = byValidator.get(own ?? '') ?? null
  return { ownMs, spreadMs: Math.max(...times) - Math.min(...times), byValidator }
}
