import type { Attendance } from '@icn/protocol'
import type { BlockContext, LedgerEvent, State, ValidatorReport } from '../../kernel/index.ts'
import { faultOfPower } from './power.ts'
import { absences, validators } from './tables.ts'
import { getValidator, putValidator, type Validator, validatorEvent } from './validator.ts'

/** What a validator has missed that was not there before. */
export const NOTHING_MISSED = { window: 0, missed: 0 } as const

/**
 * Takes in who signed the block before this one. While everybody signs nothing is written; a validator who begins to miss
 * costs one row, one who signs again two, and in between it is only read. Cost grows with those who are missing.
 */
export function recordAttendance(
  attendance: Attendance,
  block: BlockContext,
  state: State,
  { missed }: ValidatorReport,
): LedgerEvent[] {
  const { windowBlocks } = attendance
  const height = block.height - 1
  if (height === 0) return []
  const away = new Set(missed)
  const events: LedgerEvent[] = []
  for (const { validator: address, sinceHeight } of [...state.open(absences).scan([])]) {
    if (!away.has(address)) events.push(...comeBack(windowBlocks, state, address, sinceHeight, height))
  }
  for (const address of away) events.push(...goAway(state, address, height))
  for (const { validator: address, sinceHeight } of [...state.open(absences).scan([])]) {
    events.push(...jailIfAwayTooLong(attendance, state, block, address, sinceHeight))
  }
  return height % windowBlocks === 0 ? [...events, ...endWindow(windowBlocks, state, height)] : events
}

/**
 * Blocks of the window of `height` that a validator missed.
 *
 * @param sinceHeight - the first block of an absence that lasts through `height`
 */
export function missedInWindow(
  windowBlocks: number,
  { window, missed }: Pick<Validator, 'window' | 'missed'>,
  sinceHeight: number | undefined,
  height: number,
): number {
  const own = windowOf(windowBlocks, height)
  const before = window === own ? missed : 0
  return sinceHeight === undefined ? before : before + blocksFrom(Math.max(sinceHeight, own * windowBlocks + 1), height)
}

/** Blocks 1 to `windowBlocks` are window 0. */
function windowOf(windowBlocks: number, height: number): number {
  return Math.floor((height - 1) / windowBlocks)
}

/** Somebody signed `height` after an absence; what was missed in windows before counts no more. */
function comeBack(
  windowBlocks: number,
  state: State,
  address: string,
  sinceHeight: number,
  height: number,
): LedgerEvent[] {
  state.open(absences).delete({ validator: address })
  const validator = getValidator(state, address)
  if (validator === undefined) return []
  const window = windowOf(windowBlocks, height)
  const start = Math.max(sinceHeight, window * windowBlocks + 1)
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
function jailIfAwayTooLong(
  { windowBlocks, jailMs }: Attendance,
  state: State,
  block: BlockContext,
  address: string,
  sinceHeight: number,
): LedgerEvent[] {
  const height = block.height - 1
  const validator = getValidator(state, address)
  if (validator?.status !== 'active') return []
  const missed = Math.max(missedInWindow(windowBlocks, validator, sinceHeight, height), blocksFrom(sinceHeight, height))
  if (2 * missed <= windowBlocks || faultOfPower(state, block, address, 0) !== undefined) return []
  state.open(absences).delete({ validator: address })
  const jailedUntilMs = block.timeMs + jailMs
  putValidator(state, block, { ...validator, status: 'jailed', missed: 0, jailedUntilMs })
  return [validatorEvent(validator, 'jailed', { missed })]
}

/**
 * The place where signing blocks is rewarded: once in a window, how many of its blocks each active validator signed. One
 * that was let out of jail within it counts from then on. Reads every validator, once in a window; writes nothing.
 */
function endWindow(windowBlocks: number, state: State, height: number): LedgerEvent[] {
  const active = [...state.open(validators).scan([])].filter(({ status }) => status === 'active')
  return active.map((validator) => {
    const since = state.open(absences).get({ validator: validator.address })?.sinceHeight
    const missed = missedInWindow(windowBlocks, validator, since, height)
    const present = blocksFrom(Math.max(validator.sinceHeight, height - windowBlocks + 1), height)
    return validatorEvent(validator, 'window', {
      window: windowOf(windowBlocks, height),
      signed: present - missed,
      missed,
    })
  })
}

function blocksFrom(first: number, last: number): number {
  return Math.max(0, last - first + 1)
}
