/** One thing that was checked, for people and programs. */
export interface AuditCheck {
  readonly name: string
  readonly ok: boolean
  readonly detail: string
}

/** A check that failed; what comes after it stands on it and is not looked at. */
export class AuditFailure extends Error {
  override readonly name = 'AuditFailure'
}

export function demand(condition: boolean, why: string): asserts condition {
  if (!condition) throw new AuditFailure(why)
}

/** Does the work of a check, and notes it with what it found. */
export type Step = <T>(name: string, work: () => T, detail: (value: T) => string) => T
