/**
 * CometBFT begins the next block in the moment in which those who waited for the last one are answered, so what they send
 * next would miss it, and every other block would be empty while they wait.
 */
export interface Gathering {
  /** A transaction passed the check. */
  readonly add: () => void
  /** A block was committed, with so many for whom somebody waited here. */
  readonly turn: (answered: number) => void
  /** Resolves when as many have come as were answered, or when time is up. */
  readonly enough: () => Promise<void>
}

/** @param waitMs - how long a proposal waits at most for those who were answered by the last block */
export function createGathering(waitMs: number): Gathering {
  /** Since the last block. */
  let fresh = 0
  let expected = 0
  let onEnough: (() => void) | undefined

  function add(): void {
    fresh++
    // Not within the verdict that made it enough: others of the same moment have their part of a sequence and do not wait yet.
    if (fresh >= expected && onEnough !== undefined) setImmediate(onEnough)
  }

  function enough(): Promise<void> {
    if (fresh >= expected) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, waitMs)
    onEnough = resolve
    return promise.finally(() => {
      clearTimeout(timer)
      onEnough = undefined
    })
  }

  return {
    add,
    turn: (answered) => {
      fresh = 0
      expected = answered
    },
    enough,
  }
}
