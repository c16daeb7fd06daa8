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

/** The finest order that all of these agree on: groups end where in every one the same items are ahead. */
export function commonOrder(orders: readonly (readonly (readonly number[])[])[]): number[][] {
  const ends = orders.map(endsOf)
  const common: number[][] = []
  let open: number[] = []
  let seen = 0
  let reach = 0
  for (const item of orders[0]?.flat() ?? []) {
    open.push(item)
    seen++
    for (const end of ends) reach = Math.max(reach, end[item] ?? 0)
    if (reach > seen) continue
    common.push(open.toSorted((a, b) => a - b))
    open = []
  }
  return common
}

/** By item: how many are ahead of it or in its group. */
function endsOf(order: readonly (readonly number[])[]): number[] {
  const ends: number[] = []
  let end = 0
  for (const group of order) {
    end += group.length
    for (const item of group) ends[item] = end
  }
  return ends
}
