import {
  type BallotGroup,
  beginCount,
  type Counting,
  type CountResult,
  countTotalsInSteps,
  type Totals,
} from '@icn/tally'
import { assert, type State } from '../../kernel/index.ts'
import { countRules } from './count-rules.ts'
import type { Proposal } from './proposal.ts'
import { ballotBoxes, ballotGroups } from './tables.ts'

/** Ballots read before a count may stop. */
const PAGE = 512
/** Reading a row of equal ballots. */
const ROW_UNITS = 400
/** Reading and laying out an entry of a ballot. */
const ENTRY_UNITS = 15

/** Yields the units that it did since it last stopped, and goes on with the state of the block in which it goes on. */
export type CountSteps = Generator<number, CountResult, State>

/**
 * The count of a proposal whose voting is over: its ballots change no more, so they may be read over several blocks. Of
 * methods that add up, the totals are all that is read.
 *
 * @param portion - units after which to stop
 */
export function* countInSteps(state: State, proposal: Proposal, portion: number): CountSteps {
  const { id } = proposal
  const box = state.open(ballotBoxes).get({ proposal: id })
  assert(box !== undefined, 'a proposal whose voting is over has a ballot box')
  const rules = countRules(proposal, box.turnoutHeads)
  const counted =
    box.totals === null
      ? yield* countBallots(state, id, beginCount(rules, box.turnoutHeads), portion)
      : yield* countTotalsInSteps(rules, box.totals as Totals)
  assert(counted.ballots === box.turnoutHeads, 'as many ballots are counted as members voted')
  return counted
}

function* countBallots(state: State, proposal: string, counting: Counting, portion: number): CountSteps {
  let now = state
  let after: readonly [string, string] | undefined
  for (;;) {
    const page = now.open(ballotGroups).scan([proposal], { limit: PAGE, ...(after && { after }) })
    let rows = 0
    let entries = 0
    for (const { ballot, ballotHash, count } of page) {
      entries += counting.add({ ballot, count } as BallotGroup)
      after = [proposal, ballotHash]
      rows++
    }
    if (rows > 0) now = yield ROW_UNITS * rows + ENTRY_UNITS * entries
    if (rows < PAGE) return yield* counting.steps(portion)
  }
}
