/** Options in groups of equal value, highest first; within a group by index. */
export function groupsByValue(values: readonly number[]): number[][] {
  const options = values.map((_, option) => option)
  return groupsBy(options, (a, b) => (values[b] ?? 0) - (values[a] ?? 0))
}

/** Items in groups that compare as equal, in the order of `compare`; within a group as they came. */
export function groupsBy(items: readonly number[], compare: (a: number, b: number) => number): number[][] {
  const groups: number[][] = []
  for (const item of items.toSorted(compare)) {
    const last = groups.at(-1)
    const first = last?.[0]
    if (last !== undefined && first !== undefined && compare(first, item) === 0) last.push(item)
    else groups.push([item])
  }
  return groups
}
