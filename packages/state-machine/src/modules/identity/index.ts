import type { StateModule } from '../../kernel/index.ts'
import { deactivateIdentity } from './deactivate.ts'
import { checkIdentityInvariants } from './invariants.ts'
import { registerIdentity } from './register.ts'
import { rotateKeys } from './rotate-keys.ts'
import { setServices } from './set-services.ts'
import { identityTables } from './tables.ts'

/** Who can sign: did:icn and its keys, and what each signer has sent. */
export const identityModule: StateModule = {
  name: 'identity',
  lane: 0,
  tables: identityTables,
  handlers: {
    'identity.register': registerIdentity,
    'identity.rotate': rotateKeys,
    'identity.services': setServices,
    'identity.deactivate': deactivateIdentity,
  },
  checkInvariants: checkIdentityInvariants,
}

export { registrationKey, signingKey } from './keys.ts'
export { changeMemberships } from './memberships.ts'
export {
  type DidDocument,
  type DidResolution,
  getSigner,
  getStrangerPool,
  resolveDid,
  type SignerFacts,
} from './queries.ts'
export { identities, identityVersions, signers, strangerPool } from './tables.ts'
