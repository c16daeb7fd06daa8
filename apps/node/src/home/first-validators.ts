import { isStrictPublicKey } from '@icn/crypto'
import { type GenesisValidator, publicKeyFromText } from '@icn/protocol'
import { ConfigurationError } from '../config/load.ts'

/**
 * Validators with which a network begins beside the one of its first operator, of equal power.
 *
 * @param given - keys that their operators told, each `z6Mk…`, or that and a name: `z6Mk…=South Bakery`
 * @throws ConfigurationError
 */
export function readValidators(given: readonly string[]): GenesisValidator[] {
  return given.map((text, index) => {
    const [, publicKey = '', name = `Validator ${index + 2}`] = /^([^=]*)(?:=(.*))?$/s.exec(text) ?? []
    const key = publicKeyFromText(publicKey)
    if (key !== undefined && isStrictPublicKey(key)) return { name, publicKey, power: 1 }
    const source = 'as icn network join --prepare prints it'
    throw new ConfigurationError(`--validator: expected z6Mk…, ${source}, alone or with =NAME, got "${text}"`)
  })
}
