import type { BlockContext, State } from '../../kernel/index.ts'
import { powerChanges, validators } from './tables.ts'

const HOUR_MS = 3_600_000
/** The hour that runs and the 24 before it: a change counts for a day at least. */
const HOURS_BEFORE = 24

export type PowerFault = 'LAST_VALIDATOR' | 'POWER_CHANGE_TOO_LARGE'

/**
 * Why a validator's power may not change from `before` to `after` now. Within a day at most one third of the power that
 * there was at its beginning may change, up and down alike; the first change of a day may be larger, else a network of
 * two could never change. Nobody who is alone loses their power. Reads all validators, at most 1,000.
 */
export function faultOfPower(
  state: State,
  block: Pick<BlockContext, 'timeMs'>,
  before: number,
  after: number,
): PowerFault | undefined {
  if (before === after) return undefined
  const total = totalPower(state)
  if (total - before + after === 0) return 'LAST_VALIDATOR'
  const { changed, totalBefore } = changesOfDay(state, block.timeMs)
  const all = changed + Math.abs(after - before)
  return changed === 0 || 3 * all <= (totalBefore ?? total) ? undefined : 'POWER_CHANGE_TOO_LARGE'
}

/** When the oldest change that counts now counts no more. */
export function retryPowerAtMs(state: State, timeMs: number): number {
  const [oldest] = hoursOfDay(state, timeMs)
  return ((oldest?.hour ?? 0) + HOURS_BEFORE + 1) * HOUR_MS
}

/** Keeps count of a change, before the row of the validator is written; drops hours that count no more. */
export function recordPowerChange(state: State, { timeMs }: BlockContext, before: number, after: number): void {
  if (before === after) return
  const rows = state.open(powerChanges)
  const hour = hourOf(timeMs)
  for (const old of rows.scan([])) if (old.hour < hour - HOURS_BEFORE) rows.delete(old)
  const { changed, totalBefore } = rows.get({ hour }) ?? { changed: 0, totalBefore: totalPower(state) }
  rows.put({ hour, changed: changed + Math.abs(after - before), totalBefore })
}

/** Power of everybody who votes on blocks. */
export function totalPower(state: State): number {
  let total = 0
  for (const { power, status } of state.open(validators).scan([])) if (status === 'active') total += power
  return total
}

function changesOfDay(
  state: State,
  timeMs: number,
): { readonly changed: number; readonly totalBefore: number | undefined } {
  const hours = hoursOfDay(state, timeMs)
  return { changed: hours.reduce((sum, { changed }) => sum + changed, 0), totalBefore: hours[0]?.totalBefore }
}

function hoursOfDay(state: State, timeMs: number) {
  return [...state.open(powerChanges).scan([])].filter(({ hour }) => hour >= hourOf(timeMs) - HOURS_BEFORE)
}

function hourOf(timeMs: number): number {
  return Math.floor(timeMs / HOUR_MS)
}
