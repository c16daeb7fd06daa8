import type { BlockContext, State } from '../../kernel/index.ts'
import { powersBefore, validators } from './tables.ts'

const HOUR_MS = 3_600_000
/** The hour that runs and the 24 before it: a change counts for a day at least. */
const HOURS_BEFORE = 24

export type PowerFault = 'LAST_VALIDATOR' | 'POWER_CHANGE_TOO_LARGE'

/**
 * Why a validator's power may not become `after` now. Within a day at most one third of the power that there was at its
 * beginning may change, up and down alike; what comes back to what it was then has not changed. While nobody else's
 * is another than then, one may change by more, else a network of two could never change. Nobody who is alone loses
 * their power. Reads all validators, at most 1,000, and the changes of the day.
 */
export function faultOfPower(
  state: State,
  { timeMs }: Pick<BlockContext, 'timeMs'>,
  address: string,
  after: number,
): PowerFault | undefined {
  const before = powerNow(state, address)
  if (before === after) return undefined
  const total = totalPower(state)
  if (total - before + after === 0) return 'LAST_VALIDATOR'
  const powers = powersAtBeginning(state, timeMs)
  let others = 0
  let totalAtBeginning = total
  for (const [other, power] of powers) {
    const now = powerNow(state, other)
    totalAtBeginning += power - now
    if (other !== address) others += Math.abs(now - power)
  }
  const start = powers.get(address) ?? before
  const own = Math.abs(after - start)
  const isReturn = own <= Math.abs(before - start)
  return isReturn || others === 0 || 3 * (others + own) <= totalAtBeginning ? undefined : 'POWER_CHANGE_TOO_LARGE'
}

/** When the oldest change that counts now counts no more. */
export function retryPowerAtMs(state: State, timeMs: number): number {
  const [oldest] = changesOfDay(state, timeMs)
  return ((oldest?.hour ?? 0) + HOURS_BEFORE + 1) * HOUR_MS
}

/** Keeps what there was before a change, before the row of the validator is written; drops what counts no more. */
export function recordPowerChange(
  state: State,
  { timeMs }: BlockContext,
  validator: string,
  before: number,
  after: number,
): void {
  if (before === after) return
  const rows = state.open(powersBefore)
  const hour = hourOf(timeMs)
  for (const old of [...rows.scan([])]) if (old.hour < hour - HOURS_BEFORE) rows.delete(old)
  if (rows.get({ hour, validator }) === undefined) rows.put({ hour, validator, power: before })
}

/** Power of everybody who votes on blocks. */
export function totalPower(state: State): number {
  let total = 0
  for (const { power, status } of state.open(validators).scan([])) if (status === 'active') total += power
  return total
}

/** What those whose power changed within the day had when it began. */
function powersAtBeginning(state: State, timeMs: number): ReadonlyMap<string, number> {
  const powers = new Map<string, number>()
  for (const { validator, power } of changesOfDay(state, timeMs)) {
    if (!powers.has(validator)) powers.set(validator, power)
  }
  return powers
}

function changesOfDay(state: State, timeMs: number) {
  return [...state.open(powersBefore).scan([])].filter(({ hour }) => hour >= hourOf(timeMs) - HOURS_BEFORE)
}

function powerNow(state: State, address: string): number {
  const validator = state.open(validators).get({ address })
  return validator?.status === 'active' ? validator.power : 0
}

function hourOf(timeMs: number): number {
  return Math.floor(timeMs / HOUR_MS)
}
