import type { AnyRow } from '@icn/state-machine/kernel'

/** Rows read or written lately; `null`: known to be absent. */
export interface RowCache {
  get(id: string): AnyRow | null | undefined
  set(id: string, row: AnyRow | null): void
}

/** Rough size of a row with its key in memory; not measured. */
const ROW_BYTES = 512

/** Two generations: what is not asked for while one fills is forgotten with the older one. */
export function createRowCache(bytes: number): RowCache {
  const capacity = Math.max(64, Math.floor(bytes / ROW_BYTES / 2))
  let young = new Map<string, AnyRow | null>()
  let old = new Map<string, AnyRow | null>()

  function set(id: string, row: AnyRow | null): void {
    if (young.size >= capacity) {
      old = young
      young = new Map()
    }
    young.set(id, row)
  }

  return {
    get: (id) => {
      const recent = young.get(id)
      if (recent !== undefined) return recent
      const older = old.get(id)
      if (older !== undefined) set(id, older)
      return older
    },
    set,
  }
}
