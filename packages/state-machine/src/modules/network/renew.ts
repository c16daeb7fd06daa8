import { type Genesis, type GenesisOrigin, maxValidatorsOf, validatorAddress } from '@icn/protocol'
import type { BlockContext, LedgerEvent, State } from '../../kernel/index.ts'
import { NOTHING_MISSED } from './attendance.ts'
import { seedRows } from './seed-rows.ts'
import { absences, powersBefore, removals, validators } from './tables.ts'
import { validatorEvent } from './validator.ts'

/** Whether a block is the first one of a network that was made of another one's state. */
export function isRenewal({ origin }: Pick<Genesis, 'origin'>, height: number): boolean {
  return origin !== undefined && height === origin.height + 1
}

/**
 * Puts the validators of the genesis in the place of those whom the state knows, with the first block: whoever is not named is
 * removed, and what was counted of them counts no more. Sanctions stay; members, decisions and everything else go on.
 */
export function renewNetwork(
  genesis: Genesis,
  origin: GenesisOrigin,
  block: BlockContext,
  state: State,
): readonly LedgerEvent[] {
  for (const row of [...state.open(absences).scan([])]) state.open(absences).delete(row)
  for (const row of [...state.open(removals).scan([])]) state.open(removals).delete(row)
  for (const row of [...state.open(powersBefore).scan([])]) state.open(powersBefore).delete(row)
  const named = new Set(genesis.validators.map(({ publicKey }) => validatorAddress(publicKey)))
  const events: LedgerEvent[] = []
  for (const old of [...state.open(validators).scan([])]) {
    if (named.has(old.address)) continue
    state.open(validators).put({ ...old, status: 'removed', ...NOTHING_MISSED, jailedUntilMs: null })
    if (old.status !== 'removed') events.push(validatorEvent(old, 'removed', { reason: 'another network' }))
  }
  seedRows(state, genesis, origin.federation ?? undefined, maxValidatorsOf(genesis), block.height)
  const data = { from: origin.chainId, height: origin.height, validators: genesis.validators.length }
  return [...events, { topic: 'network.renewed', subject: genesis.chainId, data }]
}
