import { type BlockContext, type Deadline, type LedgerEvent, type State, takeDue } from '../../kernel/index.ts'
import { giveVoice } from './coming-and-going.ts'
import { getMember, isActive } from './standing.ts'
import { applications, invitations, membershipDeadlines } from './tables.ts'

/** Deadlines handled in one block; what is over waits for the next. */
const MOST_ITEMS = 200

/** Gives voice to whoever waited long enough; ends applications and invitations that nobody used. */
export function endMembershipBlock(block: BlockContext, state: State): readonly LedgerEvent[] {
  return takeDue(state, membershipDeadlines, block.timeMs, MOST_ITEMS).flatMap((deadline) => handle(deadline, state))
}

function handle({ kind, id }: Deadline, state: State): LedgerEvent[] {
  const [, org = '', did = ''] = id.split(' ')
  switch (kind) {
    case 'voice': {
      const member = getMember(state, org, did)
      return isActive(member) ? giveVoice(state, member) : []
    }
    case 'application':
      state.open(applications).delete({ org, did })
      return [{ topic: 'member.application-expired', org, subject: did, data: {} }]
    default: {
      const invitation = state.open(invitations).get({ id })
      state.open(invitations).delete({ id })
      return invitation === undefined
        ? []
        : [{ topic: 'member.invitation-expired', org: invitation.org, subject: id, data: {} }]
    }
  }
}
