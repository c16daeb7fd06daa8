import { type Bodies, NetworkReject, type Transaction } from '@icn/protocol'
import { accept, type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { NOTHING_MISSED } from './attendance.ts'
import { faultOfPower, retryPowerAtMs } from './power.ts'
import { removals } from './tables.ts'
import { EFFECTIVE_AFTER_BLOCKS, getValidator, isOperator, putValidator, validatorEvent } from './validator.ts'

/** Lets a validator sign again, which its operator asks for once the node is well. Its count of missed blocks begins anew. */
export function unjail(tx: Transaction, block: BlockContext, state: State): Outcome {
  const { validator: address } = tx.body as Bodies['validator.unjail']
  const validator = getValidator(state, address)
  if (validator === undefined) return reject(NetworkReject.VALIDATOR_NOT_FOUND)
  if (!isOperator(state, validator, tx.signer)) return reject(NetworkReject.NOT_OPERATOR)
  const { status, jailedUntilMs, power } = validator
  if (status !== 'jailed' || state.open(removals).get({ validator: address }) !== undefined) {
    return reject(NetworkReject.NOT_JAILED, { status })
  }
  if (block.timeMs < (jailedUntilMs ?? 0)) return reject(NetworkReject.JAILED_STILL, { retryAtMs: jailedUntilMs ?? 0 })
  if (faultOfPower(state, block, address, power) !== undefined) {
    return reject(NetworkReject.POWER_CHANGE_TOO_LARGE, { retryAtMs: retryPowerAtMs(state, block.timeMs) })
  }
  const sinceHeight = block.height + EFFECTIVE_AFTER_BLOCKS
  const count = { ...NOTHING_MISSED, jailedUntilMs: null }
  putValidator(state, block, { ...validator, status: 'active', sinceHeight, ...count })
  return accept(validatorEvent(validator, 'unjailed'))
}
