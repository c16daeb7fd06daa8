import { type Bodies, GovernanceReject, NetworkReject, type Transaction } from '@icn/protocol'
import { accept, type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { getOrganization } from '../membership/index.ts'
import { federationOf, getValidator, isOperator, nodeOfKey, sanctions } from '../network/index.ts'
import { draftOf } from './new-proposal.ts'
import { beginPhases } from './phases.ts'
import { proposalEvent, putProposal } from './proposal.ts'

/**
 * Asks the federation for a decision on a validator that was removed for misbehaviour: a proposal to admit it again, once
 * for each sanction, without sponsors, as after an expulsion.
 */
export function appealSanction(tx: Transaction, block: BlockContext, state: State): Outcome {
  const { validator: address, statement } = tx.body as Bodies['validator.appeal']
  const validator = getValidator(state, address)
  if (validator === undefined) return reject(NetworkReject.VALIDATOR_NOT_FOUND)
  if (!isOperator(state, validator, tx.signer)) return reject(NetworkReject.NOT_OPERATOR)
  const org = federationOf(state)
  const federation = org === undefined ? undefined : getOrganization(state, org)
  const sanction = [...state.open(sanctions).scan([address])].at(-1)
  const node = nodeOfKey(state, validator.publicKey)
  if (
    org === undefined ||
    federation === undefined ||
    node === undefined ||
    validator.status !== 'removed' ||
    sanction === undefined ||
    sanction.appeal !== null ||
    block.timeMs >= sanction.recordedTimeMs + federation.charter.appealMs
  ) {
    return reject(GovernanceReject.APPEAL_NOT_POSSIBLE)
  }

  const { discussionMs, votingMs } = federation.charter
  const title = `Appeal of validator ${validator.name}`
  const words = { org, type: 'bylaw', title, text: statement, method: 'yes-no' } as const
  const actions = [{ do: 'admit-validator', node: node.id, power: validator.power } as const]
  const settings = { options: [], actions, seats: 1, maxScore: 0, budgetMinor: 0, amends: null }
  const proposal = draftOf({ ...words, ...settings }, tx.signer, block, { sponsorsNeeded: 0, discussionMs, votingMs })
  state.open(sanctions).put({ ...sanction, appeal: proposal.id })
  putProposal(state, proposal)
  const created = proposalEvent(proposal, 'created', { author: tx.signer })
  return accept([created, ...beginPhases(state, block, proposal)], { proposal: proposal.id })
}
