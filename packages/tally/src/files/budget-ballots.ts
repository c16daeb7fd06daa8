import type { BallotGroup, CountRules } from '../types.ts'
import { merge } from './election-ballots.ts'
import type { BudgetBallot, BudgetProfile } from './profile.ts'

export type BudgetMethod = 'equal-shares' | 'greedy'
export type Completion = CountRules['completion']

/**
 * A budget's ballots as both methods want them, equal ones merged: approvals, or pairs of project and points. A ranking
 * (`ordinal`) gives Borda points: the first of it as many as a ballot may name (`max_length`, at most all projects; else the
 * longest ballot), each next one less.
 */
export function budgetGroups(profile: BudgetProfile): BallotGroup[] {
  const most = profile.voteType === 'ordinal' ? longest(profile) : 0
  return merge(profile.ballots.map((ballot) => ({ count: 1, ballot: ballotOf(ballot, profile, most) })))
}

function ballotOf({ projects, points }: BudgetBallot, { voteType }: BudgetProfile, most: number) {
  if (voteType === 'approval' || voteType === 'choose-1') return projects.toSorted((a, b) => a - b)
  return projects
    .map((project, index) => [project, voteType === 'ordinal' ? most - index : (points[index] ?? 0)] as const)
    .filter(([, given]) => given > 0)
    .sort(([a], [b]) => a - b)
}

function longest({ ballots, projects, meta }: BudgetProfile): number {
  const text = new Map(meta).get('max_length') ?? ''
  const said = /^\d{1,9}$/.test(text) ? Math.min(Number(text), projects.length) : 0
  return ballots.reduce((most, ballot) => Math.max(most, ballot.projects.length), said)
}

/** How the file says it was decided: `rule` in META. `undefined` for a rule that is not counted here. */
export function ruleOf(profile: BudgetProfile): { method: BudgetMethod; completion: Completion } | undefined {
  const rule = new Map(profile.meta).get('rule')?.toLowerCase() ?? ''
  if (rule === 'greedy') return { method: 'greedy', completion: 'none' }
  const [, suffix] = /^equal[-_ ]?shares(?:\/([a-z0-9]*)(?:-comparison)?)?$/.exec(rule) ?? [rule, '?']
  if (suffix === undefined || suffix === 'add1') return { method: 'equal-shares', completion: 'add1' }
  return suffix === 'add1u' ? { method: 'equal-shares', completion: 'add1u' } : undefined
}
