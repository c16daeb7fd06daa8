import { type Genesis, maxValidatorsOf } from '@icn/protocol'

/** The genesis has other validators than the one that makes blocks here, or may get them; nobody would accept a block of this node. */
export class WrongValidators extends Error {
  override readonly name = 'WrongValidators'
  readonly code: 'SEVERAL_VALIDATORS' | 'MORE_TO_COME' | 'KEY_NOT_IN_GENESIS' | 'OTHERS_ADMITTED'

  constructor(code: WrongValidators['code'], message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Refuses a network that is not of this one validator, now and for good: a decision that admits another one means nothing
 * to a producer who asks nobody.
 *
 * @param publicKey - `z6Mk…`
 * @throws WrongValidators
 */
export function checkOnlyValidator(genesis: Genesis, publicKey: string): void {
  const { validators } = genesis
  if (validators.length !== 1)
    throw new WrongValidators('SEVERAL_VALIDATORS', `the genesis names ${validators.length} validators, expected one`)
  const most = maxValidatorsOf(genesis)
  if (most !== 1)
    throw new WrongValidators('MORE_TO_COME', `the genesis lets the network have ${most} validators, expected one`)
  const named = validators[0]?.publicKey
  if (named === publicKey) return
  throw new WrongValidators(
    'KEY_NOT_IN_GENESIS',
    `the genesis names the validator ${named}, the key is of ${publicKey}`,
  )
}
