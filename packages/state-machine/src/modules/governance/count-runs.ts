import type { CountResult } from '@icn/tally'
import { assert, type State } from '../../kernel/index.ts'
import { type CountSteps, countInSteps } from './count-steps.ts'
import type { Proposal } from './proposal.ts'
import { ballotBoxes } from './tables.ts'

/** A count on its way in the memory of this process. */
interface Run {
  readonly steps: CountSteps
  /** Done so far. */
  readonly units: number
  /** Peaks of the log of votes: what is counted. */
  readonly votes: string
}

/** What became of a count in this block: `result` where it is done. */
export interface Progress {
  /** Done altogether. */
  readonly units: number
  readonly result: CountResult | undefined
}

/**
 * Counts on their way. They are no state: the state says how many units are done, and whoever has no such count, or one
 * that is further, does the same steps again from the first.
 */
export class CountRuns {
  readonly #portion: number
  readonly #runs = new Map<string, Run>()

  /** @param portion - units after which a count may stop */
  constructor(portion: number) {
    this.#portion = portion
  }

  /**
   * Goes on with a count.
   *
   * @param done - units that were done before this block
   * @param most - units for this block; the last step may pass them, and one step is taken anyhow
   */
  goOn(state: State, proposal: Proposal, done: number, most: number): Progress {
    const { id } = proposal
    const votes = state.open(ballotBoxes).get({ proposal: id })?.log.peaks ?? ''
    const known = this.#runs.get(id)
    // Taken out while it runs: should a block fail, it is begun anew.
    this.#runs.delete(id)
    const run =
      known?.units === done && known.votes === votes
        ? known
        : repeat(countInSteps(state, proposal, this.#portion), done, state, votes)
    let { units } = run
    do {
      const step = run.steps.next(state)
      if (step.done === true) return { units, result: step.value }
      units += step.value
    } while (units <= done + most)
    this.#runs.set(id, { ...run, units })
    return { units, result: undefined }
  }
}

/** Does the steps up to where the state says that a count is. */
function repeat(steps: CountSteps, done: number, state: State, votes: string): Run {
  let units = 0
  while (units < done) {
    const step = steps.next(state)
    assert(step.done !== true, 'a count is not over before it was')
    units += step.value
  }
  assert(units === done, 'a count stops where it stopped before')
  return { steps, units, votes }
}
