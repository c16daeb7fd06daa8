import type { Status } from '../status.ts'
import type { Alert, AlertRule } from './alert.ts'
import { type Finding, RULES, type Rule } from './rules.ts'

/** What is remembered of a rule between two statuses. */
interface Tally {
  /** In a row. */
  readonly bad: number
  readonly good: number
  readonly open: Alert | undefined
}

export type AlertState = ReadonlyMap<AlertRule, Tally>

export interface Judgement {
  readonly state: AlertState
  /** What began or ended with this status. */
  readonly changed: readonly Alert[]
  /** Everything that lasts, worst and oldest first. */
  readonly open: readonly Alert[]
}

/** The state after a restart: what was open is still open, until a status says otherwise. */
export function stateOf(open: readonly Alert[]): AlertState {
  return new Map(open.map((alert) => [alert.rule, { bad: 0, good: 0, open: alert }]))
}

/** Holds a status against all rules. Pure: nothing but the answer carries over to the next one. */
export function judge(before: AlertState, status: Status): Judgement {
  const changed: Alert[] = []
  const state = new Map(before)
  for (const rule of RULES) {
    const finding = rule.find(status)
    if (finding === undefined) continue
    const tally = next(before.get(rule.name), rule, finding, status.timeMs)
    const was = before.get(rule.name)?.open
    state.set(rule.name, tally)
    if (was === undefined && tally.open !== undefined) changed.push(tally.open)
    if (was !== undefined && tally.open === undefined)
      changed.push({ ...was, endMs: Math.max(was.startMs, status.timeMs) })
  }
  return { state, changed, open: openOf(state) }
}

function next(before: Tally | undefined, rule: Rule, finding: Finding, nowMs: number): Tally {
  const bad = finding.bad ? (before?.bad ?? 0) + 1 : 0
  const good = finding.good ? (before?.good ?? 0) + 1 : 0
  const open = before?.open
  const { value, threshold, reason } = finding
  if (open !== undefined) {
    const isOver = good >= rule.clearAfter
    return { bad, good, open: isOver ? undefined : finding.bad ? { ...open, value, threshold, reason } : open }
  }
  if (bad < rule.raiseAfter) return { bad, good, open: undefined }
  const { name, severity } = rule
  const place = { id: `${name}-${nowMs}`, rule: name, severity, startMs: nowMs, endMs: null }
  return { bad, good, open: { ...place, value, threshold, reason } }
}

function openOf(state: AlertState): Alert[] {
  const order = (alert: Alert) => (alert.severity === 'critical' ? 0 : 1)
  return Array.from(state.values(), ({ open }) => open)
    .filter((alert) => alert !== undefined)
    .sort((a, b) => order(a) - order(b) || a.startMs - b.startMs)
}
