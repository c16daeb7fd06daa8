import type { Meter, Steps } from '../steps.ts'
import type { CountRules } from '../types.ts'
import { type Ballots, ballotsOf, Ledger } from './ledger.ts'
import type { SharesProblem, SharesRun } from './problem.ts'
import { type Entrant, entrantsOf, highestPrice, inParts, lowestPrice, type Purses, partsFor, pay } from './purses.ts'
import { cheapest, type Field, type Winner } from './race.ts'

export interface LastRun {
  readonly run: SharesRun
  readonly raises: number
}

/** So many raises are tried together at first, and twice as many each time. */
const FIRST_RAISES = 8

/** Runs with so many raises as `from` to `to`, which bought the same so far. */
interface Stretch {
  readonly from: number
  readonly to: number
  field: Field
  /** In the order bought; each price for a point is at least so many parts in all of these runs. */
  readonly bought: Bought[]
  spent: number
  tied: boolean
}

interface Bought {
  readonly entrant: Entrant
  readonly low: number
}

/** The last run before the first one that overspends; nothing follows one that bought all projects with votes. */
export function* lastWithinBudget(problem: SharesProblem, rules: CountRules, meter: Meter): Steps<LastRun> {
  const search = new Search(problem, yield* entrantsOf(problem, meter), rules.shareStep, meter)
  const most = rules.completion === 'none' || rules.shareStep === 0 ? 0 : rules.mostRaises
  let isOver = yield* search.try(0, 0)
  for (let from = 1, many = FIRST_RAISES; !isOver && from <= most; from += many, many *= 2)
    isOver = yield* search.try(from, Math.min(most, from + many - 1))
  return search.last
}

/**
 * Runs are looked at from the least share up, many at once: as long as all that lie between two shares buy the same, what
 * voters have left lies between what is left at the two, since more money never raises a price and never leaves less.
 * Where the two ends leave open what comes next, the runs are divided in halves; where a single run is left, it is settled
 * in exact fractions.
 */
class Search {
  last: LastRun = { run: { selected: [], spent: 0, tied: false }, raises: 0 }
  readonly #problem: SharesProblem
  readonly #step: number
  readonly #entrants: readonly Entrant[]
  readonly #meter: Meter
  #ballots: Ballots | undefined

  constructor(problem: SharesProblem, entrants: readonly Entrant[], step: number, meter: Meter) {
    this.#problem = problem
    this.#entrants = entrants
    this.#step = step
    this.#meter = meter
  }

  /** Whether the search ends among these runs. */
  *try(from: number, to: number): Steps<boolean> {
    const most = this.#moneyAt(to)
    const parts = partsFor(this.#problem, most)
    const candidates = this.#entrants
      .filter(({ cost }) => BigInt(cost) <= most)
      .map((entrant) => ({ entrant, low: Math.floor((entrant.cost * parts) / entrant.total), high: 0, isEven: false }))
    const field: Field = {
      parts,
      low: this.#purses(from, parts, 0),
      high: this.#purses(to, parts, 1),
      candidates,
      ledger: undefined,
    }
    return yield* this.#follow({ from, to, field, bought: [], spent: 0, tied: false })
  }

  *#follow(stretch: Stretch): Steps<boolean> {
    const meter = this.#meter
    while (stretch.spent <= this.#problem.budget) {
      const next = yield* cheapest(this.#problem, stretch.field, meter)
      if (next === 'none') return this.#keep(stretch)
      if (next === 'contested') return yield* stretch.from < stretch.to ? this.#halve(stretch) : this.#settle(stretch)
      this.#buy(stretch, next)
      if (meter.isDue) yield meter.take()
    }
    return true
  }

  #keep({ from, to, bought, spent, tied }: Stretch): boolean {
    const isAll = bought.length === this.#entrants.length
    this.last = {
      run: { selected: bought.map(({ entrant }) => entrant.project), spent, tied },
      raises: isAll ? from : to,
    }
    return isAll
  }

  #buy(stretch: Stretch, { winner, tied, price, rest }: Winner): void {
    const { field } = stretch
    const { ledger, parts } = field
    const { entrant } = winner
    let { low, high } = winner
    if (ledger !== undefined && price !== undefined) {
      low = inParts(price.n, price.d * ledger.unit, parts)
      high = low + 1
      ledger.buy(entrant, price, this.#meter)
    }
    pay(entrant, field.low, high, this.#meter)
    pay(entrant, field.high, low, this.#meter)
    stretch.bought.push({ entrant, low })
    stretch.spent += entrant.cost
    stretch.tied ||= tied
    stretch.field = { ...field, candidates: rest }
  }

  /** Both halves begin after what is bought already: only what voters have left at the new ends has to be found. */
  *#halve(stretch: Stretch): Steps<boolean> {
    const meter = this.#meter
    const { from, to, field, bought } = stretch
    const { parts } = field
    const middle = Math.floor((from + to) / 2)
    const copy = () => field.candidates.map((candidate) => ({ ...candidate }))
    const high = this.#purses(middle, parts, 1)
    const tighter: Bought[] = []
    for (const { entrant, low: known } of bought) {
      const low = lowestPrice(entrant, high, parts, known, meter) ?? known
      pay(entrant, high, low, meter)
      tighter.push({ entrant, low })
      if (meter.isDue) yield meter.take()
    }
    const poorer = { ...stretch, to: middle, field: { ...field, high, candidates: copy() }, bought: tighter }
    if (yield* this.#follow(poorer)) return true
    const low = this.#purses(middle + 1, parts, 0)
    for (const { entrant, low: known } of bought) {
      pay(entrant, low, highestPrice(entrant, low, parts, known, meter), meter)
      if (meter.isDue) yield meter.take()
    }
    return yield* this.#follow({ ...stretch, from: middle + 1, field: { ...field, low, candidates: copy() } })
  }

  /** A single run from its beginning, in exact prices. */
  *#settle(stretch: Stretch): Steps<boolean> {
    const meter = this.#meter
    const { from, field, bought } = stretch
    const { parts } = field
    this.#ballots ??= yield* ballotsOf(this.#entrants, this.#problem.sizes.length, meter)
    const ledger = new Ledger(this.#problem, this.#ballots, this.#moneyAt(from))
    const [low, high] = [this.#purses(from, parts, 0), this.#purses(from, parts, 1)]
    for (const { entrant, low: known } of bought) {
      const most = highestPrice(entrant, low, parts, known, meter)
      const price = yield* ledger.priceOf(entrant, low, high, known, most, meter)
      if (price === undefined) throw new Error('what was bought can be paid for')
      const least = inParts(price.n, price.d * ledger.unit, parts)
      ledger.buy(entrant, price, meter)
      pay(entrant, low, least + 1, meter)
      pay(entrant, high, least, meter)
    }
    return yield* this.#follow({ ...stretch, field: { ...field, ledger, low, high } })
  }

  #moneyAt(raises: number): bigint {
    const { budget, voters } = this.#problem
    return BigInt(budget) + BigInt(raises) * BigInt(this.#step) * BigInt(voters)
  }

  #purses(raises: number, parts: number, more: 0 | 1): Purses {
    const { voters, sizes } = this.#problem
    this.#meter.spend(sizes.length)
    return new Float64Array(sizes.length).fill(inParts(this.#moneyAt(raises), BigInt(voters), parts) + more)
  }
}
