import { createApplication } from '@icn/consensus'
import { createSolo } from '@icn/consensus/solo'
import { publicKeyFromSeed } from '@icn/crypto'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import { didFromPublicKey, publicKeyToText, rejectHint, signTransaction } from '@icn/protocol'
import type { Machine } from '@icn/state-machine'
import { signers } from '@icn/state-machine/identity'
import { createOverlay, type StateStore } from '@icn/state-machine/kernel'
import { organizations } from '@icn/state-machine/membership'
import { rulesOf } from '@icn/state-machine/network'
import { SetupError } from '../setup-error.ts'

/** What is said in place of an organization where nobody is to decide about further validators. */
export const NOBODY = 'none'
/** Organizations that an error names. */
const NAMED = 5
const EXPIRY_BLOCKS = 10

export interface NameFederationOptions {
  readonly machine: Machine
  readonly store: StateStore
  readonly validatorSeed: Uint8Array
  /** DID or name of an organization, or `none`; `undefined`: not said. */
  readonly given: string | undefined
}

/**
 * Finds out who is to decide about further validators of a network that one node has made alone, before anything is written.
 *
 * @returns DID of the organization that the validator has to name; `undefined` where that is settled, or nobody is to decide
 * @throws SetupError `FEDERATION_UNNAMED`, `FEDERATION_UNKNOWN`, `FEDERATION_SETTLED`
 */
export function federationToName({ store, given }: Pick<NameFederationOptions, 'store' | 'given'>): string | undefined {
  const state = createOverlay(store)
  const rules = rulesOf(state)
  const all = [...state.open(organizations).scan([])]
  const found = all.filter(({ did, name }) => did === given || name === given)
  const [only] = found
  if (rules !== undefined) {
    if (given === undefined || only?.did === rules.federation) return undefined
    const now = rules.federation ?? 'nobody'
    throw wrong('FEDERATION_SETTLED', `${now} decides about this network, and that stays so`, 'leave out --federation')
  }
  if (given === NOBODY) return undefined
  const names = all.slice(0, NAMED).map(({ did, name }) => `"${name}" (${did})`)
  const known = names.length === 0 ? 'there is none yet' : `there are ${names.join(', ')}`
  const advice = `name it by DID or name, --federation "…", or say --federation ${NOBODY} to keep the validators as they are; ${known}`
  if (given === undefined)
    throw wrong('FEDERATION_UNNAMED', 'nobody is named who decides about further validators', advice)
  if (found.length === 1 && only !== undefined) return only.did
  const count = found.length === 0 ? 'no organization is' : `${found.length} organizations are`
  throw wrong('FEDERATION_UNKNOWN', `${count} called "${given}"`, advice)
}

/** Has the validator name the organization, by a transaction in the last block that it makes alone. */
export async function nameFederation(
  { machine, store, validatorSeed }: Omit<NameFederationOptions, 'given'>,
  federation: string,
): Promise<void> {
  const { genesis } = machine
  const verifyPool = createVerifyPool()
  const application = createApplication({ machine, store, verifyPool })
  const consensus = createSolo({ application, genesis, validatorSeed, committed: store.committed() })
  try {
    const publicKey = publicKeyFromSeed(validatorSeed)
    const signer = didFromPublicKey(publicKey)
    const sequence = createOverlay(store).open(signers).get({ did: signer })?.sequence ?? 0
    const expiryHeight = store.committed().height + EXPIRY_BLOCKS
    const envelope = { chainId: genesis.chainId, signer, keyId: publicKeyToText(publicKey), sequence, expiryHeight }
    const body = { kind: 'network.open', federation } as const
    const answer = await consensus.submit(signTransaction({ ...envelope, body }, validatorSeed), 'committed')
    if (answer.ok) return
    throw wrong(
      'FEDERATION_REFUSED',
      rejectHint(answer.code, answer.detail),
      'see docs/validators.md, "The federation"',
    )
  } finally {
    await consensus.close()
    await verifyPool.close()
  }
}

function wrong(code: ConstructorParameters<typeof SetupError>[0], why: string, advice: string): SetupError {
  return new SetupError(code, why, `${advice}; nothing was changed`)
}
