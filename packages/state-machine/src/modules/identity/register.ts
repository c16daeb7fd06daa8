import { type Bodies, IdentityReject, identityDid, type Transaction } from '@icn/protocol'
import { type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { faultOfKeys } from './keys.ts'
import { recordVersion } from './record.ts'
import { identities } from './tables.ts'

/** Registers a did:icn, whose identifier is the hash of this very body. Reads one row, writes two. */
export function registerIdentity(tx: Transaction, block: BlockContext, state: State): Outcome {
  const body = tx.body as Bodies['identity.register']
  const did = tx.signer
  if (state.open(identities).get({ did }) !== undefined) return reject(IdentityReject.DID_TAKEN)
  const expected = identityDid(block.chainId, body)
  if (did !== expected) return reject(IdentityReject.DID_MISMATCH, { expected })
  const fault = faultOfKeys(body.keys, new Set())
  if (fault !== undefined) return reject(fault)
  const { keys, services } = body
  const identity = { did, status: 'active', keys, services, version: 1, createdHeight: block.height }
  return recordVersion(state, block, identity, 'registered')
}
