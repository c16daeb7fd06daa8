import { countRules } from '@icn/state-machine/governance'
import { type Ballot, type CountResult, count, type Method } from '@icn/tally'
import type { Random } from '@icn/testkit'

/** What a count needs of a proposal, and the ballots in force. */
export interface Election {
  readonly method: Method
  readonly options: readonly { readonly costMinor: number }[]
  readonly seats: number
  readonly maxScore: number
  readonly budgetMinor: number
  readonly ballots: readonly Ballot[]
}

/** As the ledger counts it; what the fields of actions would hold does not matter. */
export function countElection({ ballots, ...election }: Election): CountResult {
  const options = election.options.map(({ costMinor }) => ({ label: '', actions: [], costMinor }))
  const rules = countRules({ ...election, options }, ballots.length)
  return count(
    rules,
    ballots.map((ballot) => ({ ballot, count: 1 })),
  )
}

/** Small, so that ties, empty ballots and elections of nobody come often. */
export function randomElection(random: Random, method: Method): Election {
  const isBudget = method === 'equal-shares' || method === 'greedy'
  const isWords = method === 'yes-no' || method === 'consent'
  const options = isWords ? 0 : 2 + random.below(5)
  const scale = random.pick([1, 1, 1, 7, 1_000])
  const seats = method === 'stv' ? 1 + random.below(options - 1) : 1
  const maxScore = method === 'score' ? 1 + random.below(5) : 0
  const most = method === 'score' ? maxScore : 5
  return {
    method,
    options: Array.from({ length: options }, () => ({ costMinor: isBudget ? scale * (1 + random.below(12)) : 0 })),
    seats,
    maxScore,
    budgetMinor: isBudget ? scale * (1 + random.below(40)) : 0,
    ballots: Array.from({ length: random.below(13) }, () => randomBallot(random, method, options, most)),
  }
}

/** Nearly one order for all, so that seats are filled by one surplus after another and fractions grow long. */
export function surplusElection(random: Random): Election {
  const options = Array.from({ length: 20 }, (_, option) => option)
  const ballots = Array.from({ length: 60 }, () => {
    const places = options.map((option) => option * 1_000 + random.below(3_000))
    return options.toSorted((a, b) => (places[a] ?? 0) - (places[b] ?? 0)).map((option) => [option])
  })
  const free = options.map(() => ({ costMinor: 0 }))
  return { method: 'stv', options: free, seats: 17, maxScore: 0, budgetMinor: 0, ballots }
}

/** Whether a count wrote parts of 2^−1024, which no fraction of so few ballots reaches exactly. */
export function isRounded({ rounds }: CountResult): boolean {
  const fractions = JSON.stringify(rounds).matchAll(/\/(\d{250,})/g)
  return [...fractions].some(([, parts = '']) => 2n ** 1_024n % BigInt(parts) === 0n)
}

function randomBallot(random: Random, method: Method, options: number, most: number): Ballot {
  const some = random.shuffle(Array.from({ length: options }, (_, option) => option)).slice(random.below(options + 1))
  const scored = () => some.map((option) => [option, random.below(most + 1)])
  switch (method) {
    case 'yes-no':
      return random.pick(['yes', 'no', 'abstain'])
    case 'consent':
      return random.pick(['consent', 'consent', 'stand-aside', 'object', 'abstain'])
    case 'plurality':
      return some[0] ?? []
    case 'approval':
      return some
    case 'score':
      return scored()
    case 'equal-shares':
    case 'greedy':
      return random.chance(0.6) ? some : scored()
    default:
      return inGroups(random, some)
  }
}

function inGroups(random: Random, options: readonly number[]): number[][] {
  const groups: number[][] = []
  for (const option of options) {
    const last = groups.at(-1)
    if (last !== undefined && random.chance(0.25)) last.push(option)
    else groups.push([option])
  }
  return groups
}
