import type { BlockContext, LedgerEvent, Misbehaviour, State, ValidatorReport } from '../../kernel/index.ts'
import { faultOfPower } from './power.ts'
import { absences, removals, sanctions } from './tables.ts'
import { getValidator, putValidator, type Validator, validatorEvent } from './validator.ts'

/**
 * Records proven misbehaviour as a sanction, and removes the validator. Where the limit of a day or the last validator
 * forbids it now, the removal waits and is tried again with each block.
 */
export function punish(block: BlockContext, state: State, { misbehaviour }: ValidatorReport): LedgerEvent[] {
  const recorded = misbehaviour.flatMap((proven) => record(state, block, proven))
  const waiting = [...state.open(removals).scan([])]
  return [...recorded, ...waiting.flatMap(({ validator }) => removeIfAllowed(state, block, validator))]
}

/** Takes a validator out of the set for as long as no decision admits it again. */
export function removeNow(state: State, block: BlockContext, validator: Validator): void {
  state.open(absences).delete({ validator: validator.address })
  state.open(removals).delete({ validator: validator.address })
  putValidator(state, block, { ...validator, status: 'removed', missed: 0, jailedUntilMs: null })
}

/** One sanction for each time that somebody is a validator: what is older than the present one was dealt with. */
function record(
  state: State,
  block: BlockContext,
  { validator: address, height, timeMs, kind }: Misbehaviour,
): LedgerEvent[] {
  const validator = getValidator(state, address)
  if (validator === undefined || validator.status === 'removed' || height < validator.sinceHeight) return []
  if (state.open(removals).get({ validator: address }) !== undefined) return []
  const sanction = { validator: address, height, kind, timeMs, recordedTimeMs: block.timeMs, appeal: null }
  state.open(sanctions).put(sanction)
  state.open(removals).put({ validator: address, height })
  return [validatorEvent(validator, 'sanctioned', { kind, height })]
}

function removeIfAllowed(state: State, block: BlockContext, address: string): LedgerEvent[] {
  const validator = getValidator(state, address)
  if (validator === undefined || faultOfPower(state, block, address, 0) !== undefined) return []
  removeNow(state, block, validator)
  return [validatorEvent(validator, 'removed', { reason: 'misbehaviour' })]
}
