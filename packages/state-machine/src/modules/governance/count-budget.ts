/** Shares the work of a block among its counts: each may take an equal part of what those before it left. */
export class CountBudget {
  #units: number
  #counts: number

  /** @param counts - that ask for a share, at most */
  constructor(units: number, counts: number) {
    this.#units = units
    this.#counts = counts
  }

  /** Units for the next count; nothing where those before it passed their shares by as much. */
  share(): number {
    const share = Math.max(0, Math.floor(this.#units / this.#counts))
    this.#counts--
    return share
  }

  spend(units: number): void {
    this.#units -= units
  }
}
