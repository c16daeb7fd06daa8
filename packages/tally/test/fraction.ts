/** An exact number of 0 or more, always in lowest terms: slow and plain. */
export class Fraction {
  readonly n: bigint
  readonly d: bigint

  constructor(n: bigint, d = 1n) {
    let [a, b] = [n < 0n ? -n : n, d]
    while (b !== 0n) [a, b] = [b, a % b]
    this.n = n / a
    this.d = d / a
  }

  plus({ n, d }: Fraction): Fraction {
    return new Fraction(this.n * d + n * this.d, this.d * d)
  }

  minus({ n, d }: Fraction): Fraction {
    return new Fraction(this.n * d - n * this.d, this.d * d)
  }

  times({ n, d }: Fraction): Fraction {
    return new Fraction(this.n * n, this.d * d)
  }

  over({ n, d }: Fraction): Fraction {
    return new Fraction(this.n * d, this.d * n)
  }

  compare({ n, d }: Fraction): number {
    const difference = this.n * d - n * this.d
    return difference === 0n ? 0 : difference > 0n ? 1 : -1
  }
}

export const ZERO = new Fraction(0n)
