import type { LedgerEvent } from './event.ts'

/** What a handler answers: the events of an accepted transaction, or the stable code of a refusal. */
export type Outcome<Code extends number = number> = Accepted | Refused<Code>

export interface Accepted {
  readonly ok: true
  readonly events: readonly LedgerEvent[]
  /** Ids that the ledger assigned, for the caller: `{ proposal: 'p12-0-k3j5x2' }`. */
  readonly result: Readonly<Record<string, string | number>>
}

export interface Refused<Code extends number = number> {
  readonly ok: false
  readonly code: Code
  /** What would have been right, for the hint of the answer: `{ expected: 12 }`. Not consensus data. */
  readonly detail?: Readonly<Record<string, string | number>>
}

/** Accepts, with the events that observers see, in order. */
export function accept(
  events: LedgerEvent | readonly LedgerEvent[],
  result: Readonly<Record<string, string | number>> = {},
): Accepted {
  return { ok: true, events: Array.isArray(events) ? events : [events as LedgerEvent], result }
}

/** Refuses with a stable code; the state must not have been written. */
export function reject<Code extends number>(
  code: Code,
  detail?: Readonly<Record<string, string | number>>,
): Refused<Code> {
  return detail === undefined ? { ok: false, code } : { ok: false, code, detail }
}
