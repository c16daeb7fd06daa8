import type { Ballot, CountRules, Method } from './types.ts'

/** The words of the methods whose ballots are words, in the order of their totals. */
export const WORDS: Readonly<Partial<Record<Method, readonly string[]>>> = {
  'yes-no': ['yes', 'no', 'abstain'],
  consent: ['consent', 'stand-aside', 'object', 'abstain'],
}

/** Points that one voter may give one project, at most. */
const MOST_POINTS = 1_000

/** Whether `ballot` can be counted by these rules. Cost grows with the ballot. Never throws, whatever the value. */
export function isBallot(rules: CountRules, ballot: unknown): ballot is Ballot {
  const { method, options } = rules
  const words = WORDS[method]
  if (words !== undefined) return typeof ballot === 'string' && words.includes(ballot)
  if (method === 'plurality' && typeof ballot === 'number') return isOption(ballot, options)
  if (!Array.isArray(ballot)) return false
  switch (method) {
    case 'plurality':
      return ballot.length === 0
    case 'approval':
      return isOptionSet(ballot, options)
    case 'score':
      return isPairs(ballot, options, rules.maxScore)
    case 'equal-shares':
    case 'greedy':
      return isOptionSet(ballot, options) || isPairs(ballot, options, MOST_POINTS)
    default:
      return isRanking(ballot, options)
  }
}

function isOption(value: unknown, options: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < options
}

function isOptionSet(list: readonly unknown[], options: number): list is readonly number[] {
  // A spread shows holes, which `every` would pass over.
  return [...list].every((item) => isOption(item, options)) && new Set(list).size === list.length
}

/** Pairs of option and points, each option at most once. */
function isPairs(list: readonly unknown[], options: number, most: number): boolean {
  const given: unknown[] = []
  for (const pair of list) {
    if (!Array.isArray(pair) || pair.length !== 2) return false
    const [option, points] = pair
    if (!Number.isInteger(points) || points < 0 || points > most) return false
    given.push(option)
  }
  return isOptionSet(given, options)
}

/** Groups of options, each option at most once, no group empty. */
function isRanking(list: readonly unknown[], options: number): boolean {
  const given: unknown[] = []
  for (const group of list) {
    if (!Array.isArray(group) || group.length === 0) return false
    given.push(...group)
  }
  return isOptionSet(given, options)
}
