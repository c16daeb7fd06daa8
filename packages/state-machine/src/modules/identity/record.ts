import type { IdentityKey, Service } from '@icn/protocol'
import { type Accepted, accept, type BlockContext, type State } from '../../kernel/index.ts'
import { identities, identityVersions } from './tables.ts'

/** A registered identity as its row holds it. */
export interface Identity {
  readonly did: string
  readonly status: string
  readonly keys: readonly IdentityKey[]
  readonly services: readonly Service[]
  readonly version: number
  readonly createdHeight: number
  readonly updatedHeight: number
}

/** Writes the next version of an identity and the history of it. `what`: the event, past tense. */
export function recordVersion(
  state: State,
  block: BlockContext,
  identity: Pick<Identity, 'did' | 'status' | 'keys' | 'services' | 'version' | 'createdHeight'>,
  what: 'registered' | 'rotated' | 'services-set' | 'deactivated',
): Accepted {
  const { height, timeMs } = block
  const { did, status, keys, services, version } = identity
  state.open(identities).put({ ...identity, updatedHeight: height })
  state.open(identityVersions).put({ did, version, height, timeMs, status, keys, services })
  return accept({ topic: `identity.${what}`, subject: did, data: { version } }, { did })
}
