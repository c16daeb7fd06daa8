import { type Action, ExecutionFailure, type NetworkChange, validatorAddress } from '@icn/protocol'
import type { BlockContext, LedgerEvent, State } from '../../kernel/index.ts'
import type { ActionResult } from '../membership/index.ts'
import { NOTHING_MISSED } from './attendance.ts'
import { removeNow } from './misbehaviour.ts'
import { getNode, nodeOfKey } from './node.ts'
import { faultOfPower } from './power.ts'
import { rulesOf } from './rules.ts'
import { networkRules, validators } from './tables.ts'
import { EFFECTIVE_AFTER_BLOCKS, getValidator, getValidatorOfKey, putValidator, validatorEvent } from './validator.ts'

/** Makes a node a validator by decision: one that has proved to hold its key. Also takes back who was removed. */
export function admitValidator(
  state: State,
  block: BlockContext,
  { node: id, power }: Extract<Action, { do: 'admit-validator' }>,
): ActionResult {
  const node = getNode(state, id)
  if (node === undefined || nodeOfKey(state, node.publicKey)?.id !== id) return failed('NODE_NOT_READY')
  const { publicKey, moniker: name } = node
  const before = getValidatorOfKey(state, publicKey)
  if (before !== undefined && before.status !== 'removed') return failed('VALIDATOR_HELD')
  if (countSeats(state) >= (rulesOf(state)?.maxValidators ?? 1)) return failed('TOO_MANY_VALIDATORS')
  const address = validatorAddress(publicKey)
  const fault = faultOfPower(state, block, address, power)
  if (fault !== undefined) return failed(fault)
  const sinceHeight = block.height + EFFECTIVE_AFTER_BLOCKS
  const count = { ...NOTHING_MISSED, jailedUntilMs: null }
  const validator = { address, publicKey, name, power, status: 'active', sinceHeight, ...count }
  putValidator(state, block, validator)
  return done(validatorEvent(validator, 'admitted', { power, node: id }))
}

/** Removes a validator by decision. */
export function removeValidator(
  state: State,
  block: BlockContext,
  { validator: address, reason }: Extract<Action, { do: 'remove-validator' }>,
): ActionResult {
  const validator = getValidator(state, address)
  if (validator === undefined || validator.status === 'removed') return failed('VALIDATOR_NOT_FOUND')
  const fault = faultOfPower(state, block, address, 0)
  if (fault !== undefined) return failed(fault)
  removeNow(state, block, validator)
  return done(validatorEvent(validator, 'removed', { reason }))
}

/** Changes parameters of the network by decision. A network made for one validator stays so. */
export function changeNetwork(state: State, org: string, change: NetworkChange): ActionResult {
  const rules = rulesOf(state)
  const { maxValidators } = change
  if (rules === undefined || Object.keys(change).length === 0) return failed('PARAMETER_INVALID')
  if (maxValidators !== undefined) {
    if (rules.isFixed || maxValidators < Math.max(2, countSeats(state))) return failed('PARAMETER_INVALID')
  }
  state.open(networkRules).put({ ...rules, ...change })
  return done({
    topic: 'network.changed',
    org,
    subject: org,
    data: { parameters: Object.keys(change).sort().join(' ') },
  })
}

/** Validators who hold a place, jailed ones too. */
export function countSeats(state: State): number {
  let seats = 0
  for (const { status } of state.open(validators).scan([])) if (status !== 'removed') seats++
  return seats
}

function done(event: LedgerEvent): ActionResult {
  return { ok: true, events: [event] }
}

function failed(failure: ExecutionFailure): ActionResult {
  return { ok: false, failure: ExecutionFailure[failure] }
}
