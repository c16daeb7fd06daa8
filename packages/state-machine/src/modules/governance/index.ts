import type { StateModule } from '../../kernel/index.ts'
import { appealExpulsion } from './appeal-expulsion.ts'
import { appealSanction } from './appeal-sanction.ts'
import { castVote } from './cast-vote.ts'
import { discussProposal } from './discuss-proposal.ts'
import { endGovernanceBlock } from './end-block.ts'
import { checkGovernanceInvariants } from './invariants.ts'
import { newProposal } from './new-proposal.ts'
import { openVoting } from './open-voting.ts'
import { sponsorProposal } from './sponsor-proposal.ts'
import { governanceTables } from './tables.ts'
import { withdrawProposal } from './withdraw-proposal.ts'

/**
 * Proposals, votes and what they bring about.
 *
 * @param countUnits - what all counts together may do in a block
 */
export const createGovernanceModule = (countUnits: number): StateModule => ({
  name: 'governance',
  lane: 0,
  tables: governanceTables,
  handlers: {
    'member.appeal': appealExpulsion,
    'proposal.new': newProposal,
    'proposal.sponsor': sponsorProposal,
    'proposal.open': openVoting,
    'proposal.withdraw': withdrawProposal,
    'proposal.discuss': discussProposal,
    'vote.cast': castVote,
    'validator.appeal': appealSanction,
  },
  endBlock: endGovernanceBlock(countUnits),
  checkInvariants: checkGovernanceInvariants,
})

export { applyEdits } from './bylaw.ts'
export { countRules } from './count-rules.ts'
export { type Decision, decide, quorumHeads } from './decide.ts'
export { actionsOf } from './execute.ts'
export { contentHash, type Proposal } from './proposal.ts'
export * from './queries.ts'
export {
  ballotBoxes,
  ballotGroups,
  bylaws,
  comments,
  type DecisionResult,
  type FrozenRoll,
  type FrozenRules,
  proposals,
  resolutions,
  sponsors,
  votes,
} from './tables.ts'
export { isWholeHistory } from './whole-history.ts'
