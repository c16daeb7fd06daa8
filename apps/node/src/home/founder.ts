import { existsSync, readFileSync } from 'node:fs'
import { fromHex, generateSeed, publicKeyFromSeed, toHex } from '@icn/crypto'
import { didFromPublicKey, parseDid } from '@icn/protocol'
import { CorruptData } from '@icn/state-store'
import { ConfigurationError } from '../config/load.ts'
import { writeDurably } from './files.ts'

/** Who founds the federation: may do everything in it until its first decision has passed. */
export interface Founder {
  readonly did: string
  readonly name: string
}

const NAME = 'Founder'

/** @param given - `did:key:z6Mk…`, or that and a name: `did:key:z6Mk…=Ana`. @throws ConfigurationError */
export function readFounder(given: string): Founder {
  const [, did = '', name = NAME] = /^([^=]*)(?:=(.*))?$/s.exec(given) ?? []
  // A network that has not begun knows no other DIDs.
  if (parseDid(did)?.method === 'key') return { did, name }
  throw new ConfigurationError(`--founder: expected did:key:z6Mk…, alone or with =NAME, got "${given}"`)
}

/**
 * Makes a key for whoever founds the federation, or reads the one that an attempt before this one made. `icn key import`
 * takes the file as it is.
 *
 * @throws CorruptData
 */
export function keepFounderKey(file: string): Founder {
  const made = existsSync(file) ? readSecret(file) : generateSeed()
  if (!existsSync(file)) writeDurably(file, `${toHex(made)}\n`, 0o600)
  return founderWith(made)
}

/** @param seed - secret of the one who takes it, 32 bytes */
export function founderWith(seed: Uint8Array): Founder {
  return { did: didFromPublicKey(publicKeyFromSeed(seed)), name: NAME }
}

function readSecret(file: string): Uint8Array {
  const text = readFileSync(file, 'utf8').trim()
  if (!/^[0-9a-f]{64}$/.test(text)) throw new CorruptData(`${file} holds no key`, 'remove it, and begin again')
  return fromHex(text)
}
