import type { Action, Bodies, ProposalType } from '@icn/protocol'
import type { Session } from '../session.ts'

type NewProposal = Bodies['proposal.new']

/** A plain question with one action. */
export async function proposeAction(
  session: Session,
  org: string,
  {
    type,
    title,
    text,
    action,
    votingMs = null,
  }: {
    readonly type: ProposalType
    readonly title: string
    readonly text: string
    readonly action: Action
    /** `null`: as the charter says. */
    readonly votingMs?: number | null
  },
): Promise<void> {
  const plain = {
    method: 'yes-no',
    options: [],
    seats: 1,
    maxScore: 0,
    budgetMinor: 0,
    discussionMs: null,
    votingMs,
    amends: null,
  } as const
  await propose(session, {
    kind: 'proposal.new',
    org,
    type,
    title: title.slice(0, 200),
    text,
    ...plain,
    options: [],
    actions: [action],
  })
}

/** Sends a proposal and says what it became. */
export async function propose(session: Session, body: NewProposal): Promise<void> {
  const receipt = await (await session.actorIn(body.org)).act(body)
  const id = String(receipt.result.proposal)
  session.out.answer({ ...receipt, proposal: id }, [`Proposal ${id}`, `icn proposal show ${id}`])
}
