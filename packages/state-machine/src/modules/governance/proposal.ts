import { encodeCanonical, sha256, toHex } from '@icn/crypto'
import type { Bodies } from '@icn/protocol'
import type { LedgerEvent, State } from '../../kernel/index.ts'
import { proposals, proposers } from './tables.ts'

/** A proposal as its row holds it. */
export type Proposal = NonNullable<(typeof proposals)['types']>['row']

/** Phases in which a proposal counts as open for its author. */
export const OPEN: readonly string[] = ['draft', 'discussion', 'voting', 'counting']

export function getProposal(state: State, id: string): Proposal | undefined {
  return state.open(proposals).get({ id })
}

/** Hex SHA-256 of the DAG-CBOR map of all that is voted on: a ballot is for these words and no others. */
export function contentHash(
  content: Pick<
    Proposal,
    'org' | 'type' | 'title' | 'text' | 'method' | 'options' | 'actions' | 'seats' | 'maxScore' | 'budgetMinor'
  >,
): string {
  const { org, type, title, text, method, options, actions, seats, maxScore, budgetMinor } = content
  return toHex(
    sha256(encodeCanonical({ org, type, title, text, method, options, actions, seats, maxScore, budgetMinor })),
  )
}

/** Writes a proposal and keeps count of how many its author has open. */
export function putProposal(state: State, proposal: Proposal): void {
  const before = getProposal(state, proposal.id)
  const change = Number(OPEN.includes(proposal.status)) - Number(before !== undefined && OPEN.includes(before.status))
  if (change !== 0) {
    const { org, author: did } = proposal
    const rows = state.open(proposers)
    rows.put({ org, did, open: (rows.get({ org, did })?.open ?? 0) + change })
  }
  state.open(proposals).put(proposal)
}

/** An event of a proposal, with its title and phase for who only reads events. */
export function proposalEvent(proposal: Proposal, what: string, data: LedgerEvent['data'] = {}): LedgerEvent {
  const { org, id, title, status } = proposal
  return { topic: `proposal.${what}`, org, subject: id, data: { title, status, ...data } }
}

export type NewProposal = Bodies['proposal.new']
