import type { Genesis } from '@icn/protocol'

/** The genesis names other validators than the one that makes blocks here; nobody would accept a block of this node. */
export class WrongValidators extends Error {
  override readonly name = 'WrongValidators'
  readonly code: 'SEVERAL_VALIDATORS' | 'KEY_NOT_IN_GENESIS'

  constructor(code: WrongValidators['code'], message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Refuses a network that is not of this one validator.
 *
 * @param publicKey - `z6Mk…`
 * @throws WrongValidators
 */
export function checkOnlyValidator({ validators }: Genesis, publicKey: string): void {
  if (validators.length !== 1)
    throw new WrongValidators('SEVERAL_VALIDATORS', `the genesis names ${validators.length} validators, expected one`)
  const named = validators[0]?.publicKey
  if (named === publicKey) return
  throw new WrongValidators(
    'KEY_NOT_IN_GENESIS',
    `the genesis names the validator ${named}, the key is of ${publicKey}`,
  )
}
