import type { State } from './state.ts'
import { defineTable, type Table, text, uint } from './table.ts'

// Types, not interfaces: only they fit where any row does.
type DeadlineKey = { readonly dueMs: number; readonly id: string }

/** Something that happens by itself at `dueMs`. `id` names the subject and is unique among what is due at that time. */
export type Deadline = DeadlineKey & { readonly kind: string }

/** A time-indexed queue: a table ordered by due time, so that the end of a block reads only what is due. */
export type Queue = Table<DeadlineKey, Deadline>

export function defineQueue(name: string): Queue {
  return defineTable(name, { key: { dueMs: uint, id: text }, columns: { kind: text } })
}

export function schedule(state: State, queue: Queue, deadline: Deadline): void {
  state.open(queue).put(deadline)
}

export function cancel(state: State, queue: Queue, deadline: DeadlineKey): void {
  state.open(queue).delete(deadline)
}

/** Takes at most `limit` rows due at or before `nowMs`, earliest first; the rest waits for the next block. */
export function takeDue<D extends DeadlineKey>(
  state: State,
  queue: Table<DeadlineKey, D>,
  nowMs: number,
  limit: number,
): D[] {
  const rows = state.open(queue)
  const due: D[] = []
  for (const deadline of rows.scan([], { limit })) {
    if (deadline.dueMs > nowMs) break
    due.push(deadline)
  }
  for (const deadline of due) rows.delete(deadline)
  return due
}
