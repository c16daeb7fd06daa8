import { validatorAddress } from '@icn/protocol'
import type {
  BlockContext,
  LedgerEvent,
  RowChange,
  RowReader,
  State,
  Table,
  ValidatorUpdate,
} from '../../kernel/index.ts'
import { didOfKey, faultOfOperator, nodeOfKey } from './node.ts'
import { recordPowerChange } from './power.ts'
import { validators } from './tables.ts'

/** A validator as its row holds it. */
export type Validator = NonNullable<(typeof validators)['types']>['row']

/** A block's change of the set counts from the second block after it, as CometBFT has it. */
export const EFFECTIVE_AFTER_BLOCKS = 2

export function getValidator(state: State, address: string): Validator | undefined {
  return state.open(validators).get({ address })
}

export function getValidatorOfKey(state: State, publicKey: string): Validator | undefined {
  return getValidator(state, validatorAddress(publicKey))
}

/** What a validator's row means in votes on blocks. */
export function powerOf(validator: Pick<Validator, 'power' | 'status'> | undefined): number {
  return validator?.status === 'active' ? validator.power : 0
}

/**
 * Who votes on a block, by address; `undefined` where the state has no validators. Whoever was jailed or removed in the
 * last two blocks votes still and is left out. Reads every validator.
 */
export function votersAt(
  state: State,
  height: number,
): readonly Pick<Validator, 'name' | 'publicKey' | 'power'>[] | undefined {
  const all = [...state.open(validators).scan([])]
  if (all.length === 0) return undefined
  const active = all.filter(({ status }) => status === 'active')
  const voting = active.filter(({ sinceHeight }) => sinceHeight <= height)
  return (voting.length > 0 ? voting : active).map(({ name, publicKey, power }) => ({ name, publicKey, power }))
}

/** Writes a validator whose power may differ from before; the limit of a day was asked before (`faultOfPower`). */
export function putValidator(state: State, block: BlockContext, validator: Validator): void {
  const before = getValidator(state, validator.address)
  recordPowerChange(state, block, validator.address, powerOf(before), powerOf(validator))
  state.open(validators).put(validator)
}

/** Whether a signer acts for a validator: with its own key, or as an operator of the organization of its node. */
export function isOperator(state: State, { publicKey }: Validator, signer: string): boolean {
  if (signer === didOfKey(publicKey)) return true
  const node = nodeOfKey(state, publicKey)
  return node !== undefined && faultOfOperator(state, node.org, signer) === undefined
}

export function validatorEvent(
  { address, name }: Validator,
  what: string,
  data: LedgerEvent['data'] = {},
): LedgerEvent {
  return { topic: `validator.${what}`, subject: address, data: { name, ...data } }
}

/**
 * What changed rows mean for the set that votes on blocks: those whose power is another than before, once each. Nobody
 * gets power 0 who had none, which CometBFT takes for an error.
 *
 * @param before - the rows before the block; `undefined` where those were of another network
 * @param atGenesis - power by public key in the genesis, for validators that had no row
 */
export function updatesOf(
  changes: readonly RowChange[],
  before: RowReader | undefined,
  atGenesis: ReadonlyMap<string, number>,
): ValidatorUpdate[] {
  return changes.flatMap(({ table, key, row }) => {
    if (table.name !== validators.name || row === undefined) return []
    const { publicKey } = row as unknown as Validator
    const old = before?.readRow(validators as unknown as Table, key) as unknown as Validator | undefined
    const oldPower = old === undefined ? (atGenesis.get(publicKey) ?? 0) : powerOf(old)
    const power = powerOf(row as unknown as Validator)
    return power === oldPower ? [] : [{ publicKey, power }]
  })
}
