import { type Genesis, validatorAddress } from '@icn/protocol'
import type { State } from '../../kernel/index.ts'
import { NOTHING_MISSED } from './attendance.ts'
import { networkRules, validators } from './tables.ts'

/**
 * The rows of a network whose validators can become others: those of the genesis, and who decides about them.
 *
 * @param sinceHeight - the first block that they sign
 */
export function seedRows(
  state: State,
  genesis: Genesis,
  federation: string | undefined,
  maxValidators: number,
  sinceHeight = 1,
): void {
  for (const { name, publicKey, power } of genesis.validators) {
    const count = { sinceHeight, ...NOTHING_MISSED, jailedUntilMs: null }
    state
      .open(validators)
      .put({ address: validatorAddress(publicKey), publicKey, name, power, status: 'active', ...count })
  }
  const allowances = { memberAllowance: null, strangerAllowance: null }
  state.open(networkRules).put({
    id: 'all',
    federation: federation ?? null,
    maxValidators,
    isFixed: maxValidators === 1,
    ...allowances,
  })
}
