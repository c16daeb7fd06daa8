import type { BallotGroup } from '../types.ts'
import { TallyRefused } from './malformed-file.ts'
import { completeOrder, type RankedBallots, type RankedProfile, rankingsOf, type TableProfile } from './profile.ts'

export type ElectionMethod = 'schulze' | 'irv' | 'stv' | 'plurality' | 'approval' | 'score'
type Votes = RankedProfile | TableProfile

/**
 * The ballots of an election as a method wants them, equal ones merged, in an order that does not depend on the file's.
 *
 * @throws TallyRefused `METHOD_NOT_APPLICABLE` where the ballots do not say what the method needs
 */
export function electionGroups(profile: Votes, method: ElectionMethod): BallotGroup[] {
  switch (method) {
    case 'plurality':
      return merge(hasZero(profile) ? choicesOf(approvalsOf(profile, method)) : firstChoices(rankings(profile, method)))
    case 'approval':
      return merge(approvalsOf(profile, method))
    case 'score':
      return merge(scoresOf(profile))
    default:
      return merge(
        rankings(profile, method).ballots.map(({ count, order }) => ({ count, ballot: order.map(ascending) })),
      )
  }
}

/** Highest score that a cell holds; at least 1. */
export function highestScore(profile: Votes): number {
  if (profile.kind === 'ranked') return 1
  return profile.ballots.reduce((most, { cells }) => cells.reduce<number>((a, b) => Math.max(a, b ?? 0), most), 1)
}

/** Equal ballots together, sorted by their text: the same count whatever the order of lines. */
export function merge(groups: readonly BallotGroup[]): BallotGroup[] {
  const merged = new Map<string, BallotGroup>()
  for (const { ballot, count } of groups) {
    const key = JSON.stringify(ballot)
    merged.set(key, { ballot, count: (merged.get(key)?.count ?? 0) + count })
  }
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
}

/** Alternatives within a tie have no order. */
function ascending(options: readonly number[]): number[] {
  return options.toSorted((a, b) => a - b)
}

function hasZero(profile: Votes): profile is TableProfile {
  return profile.kind === 'table' && profile.ballots.some(({ cells }) => cells.includes(0))
}

function refuse(method: ElectionMethod, why: string): TallyRefused {
  return new TallyRefused('METHOD_NOT_APPLICABLE', `${method} cannot count these ballots: ${why}`)
}

function rankings(profile: Votes, method: ElectionMethod): RankedProfile {
  if (profile.kind === 'ranked') return profile
  if (hasZero(profile))
    throw refuse(method, 'a cell is 0, which is a score and no rank; approval and score count scores')
  return rankingsOf(profile)
}

function firstChoices({ ballots, candidates }: RankedProfile): BallotGroup[] {
  return ballots.map(({ order, count }, index) => {
    const [first = []] = order
    const [option] = first
    if (first.length > 1)
      throw refuse('plurality', `ballot ${index + 1} of the file ranks ${namesOf(first, candidates)} first together`)
    return { count, ballot: option ?? [] }
  })
}

function choicesOf(groups: readonly BallotGroup[]): BallotGroup[] {
  return groups.map(({ ballot, count }, index) => {
    const [option, second] = ballot as readonly number[]
    if (second !== undefined) throw refuse('plurality', `ballot ${index + 1} of the file chooses more than one`)
    return { count, ballot: option ?? [] }
  })
}

function namesOf(options: readonly number[], candidates: readonly string[]): string {
  return options.map((option) => candidates[option]).join(', ')
}

/** A table of 0 and 1, or rankings that draw one line: those named together before the rest. */
function approvalsOf(profile: Votes, method: ElectionMethod): BallotGroup[] {
  if (profile.kind === 'ranked')
    return profile.ballots.map((ballot, index) => approvalOf(ballot, index, profile.candidates.length))
  return profile.ballots.map(({ cells, count }, index) => {
    if (cells.some((cell) => cell !== undefined && cell > 1))
      throw refuse(method, `ballot ${index + 1} of the file has a cell other than 0 and 1`)
    return { count, ballot: cells.flatMap((cell, option) => (cell === 1 ? [option] : [])) }
  })
}

function approvalOf({ order, count }: RankedBallots, index: number, candidates: number): BallotGroup {
  if (completeOrder(order, candidates).length > 2)
    throw refuse('approval', `ballot ${index + 1} of the file ranks more finely than approved and not`)
  return { count, ballot: ascending(order[0] ?? []) }
}

function scoresOf(profile: Votes): BallotGroup[] {
  if (profile.kind === 'ranked') throw refuse('score', 'they are rankings; a CSV table holds scores')
  return profile.ballots.map(({ cells, count }) => ({
    count,
    ballot: cells.flatMap((cell, option) => (cell === undefined ? [] : [[option, cell]])),
  }))
}
