import { GovernanceReject, MembershipReject, type Transaction } from '@icn/protocol'
import { accept, assignId, type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { getMember, getOrganization, hasPermission, isActive, type Organization, rollOf } from '../membership/index.ts'
import { faultOfNetworkActions } from './federation-only.ts'
import { beginPhases } from './phases.ts'
import { contentHash, getProposal, type NewProposal, type Proposal, proposalEvent, putProposal } from './proposal.ts'
import { allActions, faultOfSettings } from './settings.ts'
import { proposers } from './tables.ts'
import { withdraw } from './withdraw-proposal.ts'

/** Makes a proposal: a draft where it needs sponsors, else a discussion, else a vote at once. */
export function newProposal(tx: Transaction, block: BlockContext, state: State): Outcome {
  const body = tx.body as NewProposal
  const organization = getOrganization(state, body.org)
  if (organization === undefined) return reject(MembershipReject.ORG_NOT_FOUND)
  const member = getMember(state, body.org, tx.signer)
  if (!isActive(member)) return reject(MembershipReject.NOT_A_MEMBER)
  if (!hasPermission(organization, member, 'proposal.create')) {
    return reject(MembershipReject.PERMISSION_DENIED, { permission: 'proposal.create' })
  }
  const fault = faultOfAmendment(body, tx.signer, state) ?? faultOfSettings(body)
  if (fault !== undefined) return reject(fault)
  const notHere = faultOfNetworkActions(body, state)
  if (notHere !== undefined) return notHere
  const limit = organization.charter.openProposalsPerMember
  if (openOf(state, body, tx.signer) >= limit) return reject(GovernanceReject.TOO_MANY_PROPOSALS, { limit })
  const leastMs = leastDiscussionMs(organization, body)
  if (body.discussionMs !== null && body.discussionMs < leastMs) {
    return reject(GovernanceReject.DISCUSSION_TOO_SHORT, { expected: leastMs })
  }

  const amended = body.amends === null ? undefined : getProposal(state, body.amends)
  const withdrawn = amended === undefined ? [] : withdraw(state, block, amended)
  const sponsorsNeeded = Math.min(organization.charter.sponsors, rollOf(state, body.org).members - 1)
  const proposal = draftOf(body, tx.signer, block, {
    sponsorsNeeded,
    discussionMs: body.discussionMs ?? leastMs,
    votingMs: body.votingMs ?? organization.charter.votingMs,
  })
  putProposal(state, proposal)
  const created = proposalEvent(proposal, 'created', { author: tx.signer })
  return accept([...withdrawn, created, ...beginPhases(state, block, proposal)], { proposal: proposal.id })
}

/** A proposal before its first phase. */
export function draftOf(
  body: Omit<NewProposal, 'kind' | 'discussionMs' | 'votingMs'>,
  author: string,
  block: BlockContext,
  terms: { readonly sponsorsNeeded: number; readonly discussionMs: number; readonly votingMs: number },
): Proposal {
  const { org, type, title, text, method, options, actions, seats, maxScore, budgetMinor, amends } = body
  const content = { org, type, title, text, method, options, actions, seats, maxScore, budgetMinor }
  const none = { discussionEndMs: null, votingStartMs: null, votingEndMs: null, rules: null, roll: null, result: null }
  return {
    id: assignId('p', block),
    author,
    status: 'draft',
    ...content,
    ...terms,
    ...none,
    amends,
    contentHash: contentHash(content),
    createdHeight: block.height,
    createdTimeMs: block.timeMs,
    sponsors: 0,
    extended: false,
    outageMs: 0,
    closedHeight: null,
    executeAtMs: null,
    retryUntilMs: null,
    failure: null,
  }
}

/** Whoever is to be expelled gets the time to answer that the charter names. */
export function leastDiscussionMs({ charter }: Organization, body: Pick<Proposal, 'actions' | 'options'>): number {
  const expels = allActions(body).some((action) => action.do === 'expel')
  return Math.max(charter.discussionMs, expels ? charter.expulsionNoticeMs : 0)
}

/** An amendment replaces the author's own proposal, before voting on it has begun. */
function faultOfAmendment({ amends, org }: NewProposal, author: string, state: State): GovernanceReject | undefined {
  if (amends === null) return undefined
  const amended = getProposal(state, amends)
  if (amended === undefined || amended.org !== org) return GovernanceReject.PROPOSAL_NOT_FOUND
  if (amended.author !== author) return GovernanceReject.NOT_AUTHOR
  return amended.status === 'draft' || amended.status === 'discussion' ? undefined : GovernanceReject.WRONG_PHASE
}

/** Open proposals of a member, without the one that would be withdrawn. */
function openOf(state: State, { org, amends }: NewProposal, did: string): number {
  return (state.open(proposers).get({ org, did })?.open ?? 0) - (amends === null ? 0 : 1)
}
