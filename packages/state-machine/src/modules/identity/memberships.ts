import { assert, type State } from '../../kernel/index.ts'
import { signers } from './tables.ts'

/** Counts the organizations of which a DID is an active member: whoever has one acts on an allowance of their own. */
export function changeMemberships(state: State, did: string, by: 1 | -1): void {
  const rows = state.open(signers)
  const signer = rows.get({ did }) ?? { did, sequence: 0, allowanceMicro: 0, allowanceTimeMs: 0, memberships: 0 }
  const memberships = signer.memberships + by
  assert(memberships >= 0, `${did} is a member of no fewer than no organizations`)
  // A time of 0 is a full bucket: the first membership begins with one.
  const bucket = signer.memberships === 0 ? { allowanceMicro: 0, allowanceTimeMs: 0 } : {}
  rows.put({ ...signer, ...bucket, memberships })
}
