import type { CountResult, CountRules, Totals } from './types.ts'

/**
 * Schulze's method with winning votes: an option beats another where its strongest path there is stronger than the way
 * back; a path is as strong as its weakest link. Cubic in the options.
 *
 * @see M. Schulze, A new monotonic, clone-independent, reversal symmetric, and Condorcet-consistent single-winner
 *   election method, Social Choice and Welfare 36 (2011)
 */
export function countSchulze({ method, options }: CountRules, { ballots, values }: Totals): CountResult {
  const strengths = strongestPaths(values, options)
  const order = orderOf(strengths, options)
  const winners = ballots === 0 ? [] : (order[0] ?? [])
  const rounds = [{ pairwise: rowsOf(values, options), strengths: rowsOf(strengths, options) }]
  return { method, ballots, winners, tied: winners.length > 1, order, counts: {}, rounds }
}

function strongestPaths(preferred: readonly number[], options: number): number[] {
  const paths = preferred.map((votes, index) => {
    const back = preferred[(index % options) * options + Math.floor(index / options)] ?? 0
    return votes > back ? votes : 0
  })
  for (let by = 0; by < options; by++) {
    for (let from = 0; from < options; from++) {
      const first = paths[from * options + by] ?? 0
      if (from === by || first === 0) continue
      for (let to = 0; to < options; to++) {
        if (to === from || to === by) continue
        const through = Math.min(first, paths[by * options + to] ?? 0)
        if (through > (paths[from * options + to] ?? 0)) paths[from * options + to] = through
      }
    }
  }
  return paths
}

/** Again and again those whom nobody left beats; to beat is transitive, so there always are some. */
function orderOf(strengths: readonly number[], options: number): number[][] {
  const beats = (a: number, b: number) => (strengths[a * options + b] ?? 0) > (strengths[b * options + a] ?? 0)
  const order: number[][] = []
  let left = Array.from({ length: options }, (_, option) => option)
  while (left.length > 0) {
    const unbeaten = left.filter((option) => !left.some((other) => beats(other, option)))
    order.push(unbeaten)
    left = left.filter((option) => !unbeaten.includes(option))
  }
  return order
}

function rowsOf(values: readonly number[], options: number): number[][] {
  return Array.from({ length: options }, (_, row) => values.slice(row * options, (row + 1) * options))
}
