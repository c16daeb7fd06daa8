import type { BlockContext, LedgerEvent, State, ValidatorReport } from '../../kernel/index.ts'
import { faultOfPower } from './power.ts'
import { absences, validators } from './tables.ts'
import { getValidator, powerOf, putValidator, type Validator, validatorEvent } from './validator.ts'

/** Blocks are counted in windows of so many: blocks 1 to 1,000 are window 0. */
export const WINDOW = 1_000
/** Who misses more than this in a window, or in a row, is jailed. */
export const MOST_MISSED = WINDOW / 2
/** The least time in jail, which is that of the Cosmos SDK (`downtime_jail_duration`). */
const JAIL_MS = 600_000

/**
 * Takes in who signed the block before this one. While everybody signs nothing is written; a validator who begins to miss
 * costs one row, one who signs again two, and in between it is only read. Cost grows with those who are missing.
 */
export function recordAttendance(block: BlockContext, state: State, { missed }: ValidatorReport): LedgerEvent[] {
  const height = block.height - 1
  if (height === 0) return []
  const away = new Set(missed)
  const events: LedgerEvent[] = []
  for (const { validator: address, sinceHeight } of [...state.open(absences).scan([])]) {
    if (!away.has(address)) events.push(...comeBack(state, address, sinceHeight, height))
  }
  for (const address of away) events.push(...goAway(state, address, height))
  for (const { validator: address, sinceHeight } of [...state.open(absences).scan([])]) {
    events.push(...jailIfAwayTooLong(state, block, address, sinceHeight))
  }
  return height % WINDOW === 0 ? [...events, ...endWindow(state, height)] : events
}

/**
 * Blocks of the window of `height` that a validator missed.
 *
 * @param sinceHeight - the first block of an absence that lasts through `height`
 */
export function missedInWindow(
  { window, missed }: Pick<Validator, 'window' | 'missed'>,
  sinceHeight: number | undefined,
  height: number,
): number {
  const own = windowOf(height)
  const before = window === own ? missed : 0
  return sinceHeight === undefined ? before : before + blocksFrom(Math.max(sinceHeight, own * WINDOW + 1), height)
}

export function windowOf(height: number): number {
  return Math.floor((height - 1) / WINDOW)
}

/** Somebody signed `height` after an absence; what was missed in windows before counts no more. */
function comeBack(state: State, address: string, sinceHeight: number, height: number): LedgerEvent[] {
  state.open(absences).delete({ validator: address })
  const validator = getValidator(state, address)
  if (validator === undefined) return []
  const window = windowOf(height)
  const start = Math.max(sinceHeight, window * WINDOW + 1)
  const missed = (validator.window === window ? validator.missed : 0) + blocksFrom(start, height - 1)
  state.open(validators).put({ ...validator, window, missed })
  return [validatorEvent(validator, 'signing', { missed: height - sinceHeight })]
}

function goAway(state: State, address: string, height: number): LedgerEvent[] {
  const validator = getValidator(state, address)
  // Whoever was jailed or removed is in the set for two more blocks.
  if (validator?.status !== 'active' || height < validator.sinceHeight) return []
  const rows = state.open(absences)
  if (rows.get({ validator: address }) !== undefined) return []
  rows.put({ validator: address, sinceHeight: height })
  return [validatorEvent(validator, 'missing', { height })]
}

/** What exceeds the limit of a day waits: it is looked at again with each block while the validator is away. */
function jailIfAwayTooLong(state: State, block: BlockContext, address: string, sinceHeight: number): LedgerEvent[] {
  const height = block.height - 1
  const validator = getValidator(state, address)
  if (validator?.status !== 'active') return []
  const missed = Math.max(missedInWindow(validator, sinceHeight, height), blocksFrom(sinceHeight, height))
  if (missed <= MOST_MISSED || faultOfPower(state, block, powerOf(validator), 0) !== undefined) return []
  state.open(absences).delete({ validator: address })
  const jailedUntilMs = block.timeMs + JAIL_MS
  putValidator(state, block, { ...validator, status: 'jailed', missed: 0, jailedUntilMs })
  return [validatorEvent(validator, 'jailed', { missed })]
}

/**
 * The place where signing blocks is rewarded: once in a window, how many of its blocks each active validator signed. One
 * that was let out of jail within it counts from then on. Reads every validator, once in 1,000 blocks; writes nothing.
 */
function endWindow(state: State, height: number): LedgerEvent[] {
  const active = [...state.open(validators).scan([])].filter(({ status }) => status === 'active')
  return active.map((validator) => {
    const since = state.open(absences).get({ validator: validator.address })?.sinceHeight
    const missed = missedInWindow(validator, since, height)
    const present = blocksFrom(Math.max(validator.sinceHeight, height - WINDOW + 1), height)
    return validatorEvent(validator, 'window', { window: windowOf(height), signed: present - missed, missed })
  })
}

function blocksFrom(first: number, last: number): number {
  return Math.max(0, last - first + 1)
}
