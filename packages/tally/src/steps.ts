/**
 * Work in portions: yields how many units it did since it last stopped, and ends with its result. Where it stops and what
 * it says it did depends on nothing but its input, so that it is the same on every machine.
 */
export type Steps<T> = Generator<number, T, unknown>

/** So many units are worth stopping for, where nobody says otherwise: well below a millisecond. */
export const PORTION = 50_000

/**
 * Adds up the work of a count. A unit is about what it takes to look at one entry of a ballot, 5 ns or so; whatever costs
 * more counts for more.
 */
export class Meter {
  readonly #portion: number
  #units = 0

  /** @param portion - units after which it is time to stop */
  constructor(portion: number) {
    this.#portion = portion
  }

  spend(units: number): void {
    this.#units += units
  }

  /** Whether it is time to stop: `if (meter.isDue) yield meter.take()`. */
  get isDue(): boolean {
    return this.#units >= this.#portion
  }

  take(): number {
    const units = this.#units
    this.#units = 0
    return units
  }
}

/** Does all of the work at once. */
export function finish<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** Long numbers are worked on in words of so many bits. */
const WORD_BITS = 64

/** Words of a number of 0 or more: what calculating with it costs grows with them. */
export function wordsOf(number: bigint): number {
  return Math.ceil((number.toString(16).length * 4) / WORD_BITS)
}
