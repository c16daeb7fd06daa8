export const ALERT_RULES = [
  'no-block',
  'low-participation',
  'few-peers',
  'mempool-long',
  'memory-high',
  'disk-low',
  'root-diverges',
  'engine-silent',
] as const
export type AlertRule = (typeof ALERT_RULES)[number]

/** Something that an operator should look at, from when to when. */
export interface Alert {
  /** Unique in this node: the rule and when it began. */
  readonly id: string
  readonly rule: AlertRule
  readonly severity: 'critical' | 'warning'
  /** In words, with the numbers of the last time it was looked at while it lasted. */
  readonly reason: string
  /** In the unit of the rule (see `rules.ts`), and what it is held against. */
  readonly value: number
  readonly threshold: number
  readonly startMs: number
  /** `null` while it lasts. */
  readonly endMs: number | null
}
