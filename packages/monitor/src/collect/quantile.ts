/**
 * The smallest value that at least a share of all do not exceed (nearest rank).
 *
 * @param share - above 0, to 1
 */
export function quantile(values: readonly number[], share: number): number | null {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null
}
