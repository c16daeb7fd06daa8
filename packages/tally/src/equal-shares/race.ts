import type { Meter, Steps } from '../steps.ts'
import type { Ledger, Price } from './ledger.ts'
import { comesFirst, type SharesProblem } from './problem.ts'
import { canAllPay, type Entrant, highestPrice, lowestPrice, type Purses } from './purses.ts'

/** Sorting a candidate in. */
const CANDIDATE_UNITS = 40

/** A project that may still be bought, and whole parts between which its price for a point lies in all runs looked at. */
export interface Candidate {
  readonly entrant: Entrant
  /** Holds from when it was found on, in narrower stretches too: voters only get poorer. */
  low: number
  /** As of this purchase; infinite where perhaps not all runs can pay. */
  high: number
  /** Whether every supporter surely can pay alike: then the price is just the cost divided by all points. */
  isEven: boolean
}

/** Runs that bought the same so far, from the poorest to the richest of them. */
export interface Field {
  readonly parts: number
  /** What voters have left in the poorest of the runs at least, and in the richest at most. */
  readonly low: Purses
  readonly high: Purses
  readonly candidates: readonly Candidate[]
  /** For a single run whose purchases the bounds leave open. */
  readonly ledger: Ledger | undefined
}

export interface Winner {
  readonly winner: Candidate
  readonly tied: boolean
  /** Where there is a ledger. */
  readonly price: Price | undefined
  readonly rest: Candidate[]
}

/** What all runs of the field buy next; `contested` where that may differ among them, or the bounds are too wide to say. */
export function* cheapest(problem: SharesProblem, field: Field, meter: Meter): Steps<Winner | 'contested' | 'none'> {
  const { best, payable } = yield* findBest(field, meter)
  if (best === undefined) return 'none'
  const rivals = payable.filter((other) => other === best || !isLess(best.high, best, other.low, other))
  const exact = field.ledger && (yield* pricesOf(field.ledger, field, rivals, meter))
  if (exact === undefined && best.high === Number.POSITIVE_INFINITY) return 'contested'
  let winner: Candidate | undefined
  let tied = false
  for (const rival of rivals) {
    if (exact !== undefined && !exact.has(rival)) continue
    const order = winner === undefined ? -1 : compare(rival, winner, exact)
    if (order === undefined) return 'contested'
    if (order <= 0) tied = order === 0
    if (order < 0 || (order === 0 && winner && comesFirst(problem, rival.entrant.project, winner.entrant.project)))
      winner = rival
  }
  if (winner === undefined) return 'none'
  const price = exact?.get(winner)
  return { winner, tied, price, rest: payable.filter((other) => other !== winner) }
}

interface Best {
  readonly best: Candidate | undefined
  readonly payable: Candidate[]
}

/** Looks at candidates from the lowest known bound up, and stops where none that follows can be cheaper. */
function* findBest({ parts, low, high, candidates }: Field, meter: Meter): Steps<Best> {
  meter.spend(CANDIDATE_UNITS * candidates.length)
  const byBound = candidates.toSorted((a, b) => rate(a.low, a) - rate(b.low, b))
  const payable: Candidate[] = []
  let best: Candidate | undefined
  for (const [place, candidate] of byBound.entries()) {
    if (best !== undefined && isLess(best.high, best, candidate.low, candidate)) {
      payable.push(...byBound.slice(place))
      break
    }
    const { entrant } = candidate
    const enough = best === undefined ? Number.POSITIVE_INFINITY : rate(best.high, best) * entrant.worth
    if (meter.isDue) yield meter.take()
    const least = lowestPrice(entrant, high, parts, candidate.low, meter, enough)
    // What the richest run cannot pay for now, none ever can.
    if (least === undefined) continue
    candidate.low = least
    payable.push(candidate)
    if (best !== undefined && isLess(best.high, best, least, candidate)) continue
    candidate.high = highestPrice(entrant, low, parts, least, meter)
    candidate.isEven = canAllPay(entrant, low, candidate.high, meter)
    if (best === undefined || isLess(candidate.high, candidate, best.high, best)) best = candidate
  }
  return { best, payable }
}

function* pricesOf(
  ledger: Ledger,
  { low, high }: Field,
  rivals: readonly Candidate[],
  meter: Meter,
): Steps<Map<Candidate, Price>> {
  const prices = new Map<Candidate, Price>()
  for (const rival of rivals) {
    const price = yield* ledger.priceOf(rival.entrant, low, high, rival.low, rival.high, meter)
    if (price !== undefined) prices.set(rival, price)
  }
  return prices
}

/** Sign of the difference of two rates in every run of the field; `undefined` where it is not known. */
function compare(a: Candidate, b: Candidate, exact: ReadonlyMap<Candidate, Price> | undefined): number | undefined {
  const [ofA, ofB] = [exact?.get(a), exact?.get(b)]
  if (ofA !== undefined && ofB !== undefined) return compareRates(ofA, a, ofB, b)
  if (a.isEven && b.isEven) return compareRates(evenPrice(a), a, evenPrice(b), b)
  return undefined
}

function evenPrice({ entrant: { cost, total } }: Candidate): Omit<Price, 'poor'> {
  return { n: BigInt(cost), d: BigInt(total) }
}

function compareRates(p: Omit<Price, 'poor'>, a: Candidate, q: Omit<Price, 'poor'>, b: Candidate): number {
  const difference = p.n * q.d * BigInt(b.entrant.worth) - q.n * p.d * BigInt(a.entrant.worth)
  return difference === 0n ? 0 : difference > 0n ? 1 : -1
}

function rate(price: number, { entrant }: Candidate): number {
  return price / entrant.worth
}

/** Whether one rate is below another. Rounding keeps order: quotients that differ as numbers differ so in truth. */
function isLess(a: number, ofA: Candidate, b: number, ofB: Candidate): boolean {
  return rate(a, ofA) < rate(b, ofB)
}
