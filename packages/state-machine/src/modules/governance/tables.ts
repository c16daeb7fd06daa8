import type { Log } from '@icn/crypto'
import type { Action, Ballot, ExecutionFailure, Fraction, ProposalOption } from '@icn/protocol'
import { bool, defineQueue, defineTable, did, json, optional, text, uint } from '../../kernel/index.ts'

/** The rules copied from the charter when voting starts; later changes of the charter do not touch them. */
export interface FrozenRules {
  readonly threshold: Fraction
  readonly quorum: Fraction
  readonly weights: 'equal' | 'reputation'
  readonly lateQuorumExtensionMs: number
  readonly timeLockMs: number
  readonly executionRetryMs: number
}

/** The electorate: the first `version` entries of the organization's roll, and their root. */
export interface FrozenRoll {
  readonly version: number
  /** Hex. */
  readonly root: string
  readonly heads: number
  /** Block in which voting started. */
  readonly height: number
}

/** What the count said; options by index. */
export interface DecisionResult {
  readonly turnoutHeads: number
  readonly quorumHeads: number
  readonly winners: readonly number[]
  /** The result of `@icn/tally`: integers and texts only. */
  readonly count: unknown
}

export const proposals = defineTable('proposal', {
  key: { id: text },
  columns: {
    org: did,
    author: did,
    type: text,
    method: text,
    status: text,
    title: text,
    text,
    options: json<readonly ProposalOption[]>(),
    actions: json<readonly Action[]>(),
    seats: uint,
    maxScore: uint,
    budgetMinor: uint,
    discussionMs: uint,
    votingMs: uint,
    amends: optional(text),
    /** Hex SHA-256 of what is voted on: text, options, actions, settings. */
    contentHash: text,
    createdHeight: uint,
    createdTimeMs: uint,
    sponsorsNeeded: uint,
    sponsors: uint,
    discussionEndMs: optional(uint),
    votingStartMs: optional(uint),
    votingEndMs: optional(uint),
    /** Whether a late quorum moved the end already. */
    extended: bool,
    /** Outages of the network so far that the end of voting takes account of. */
    outageMs: uint,
    rules: optional(json<FrozenRules>()),
    roll: optional(json<FrozenRoll>()),
    result: optional(json<DecisionResult>()),
    /** Height at which it reached its present final state. */
    closedHeight: optional(uint),
    executeAtMs: optional(uint),
    retryUntilMs: optional(uint),
    failure: optional(json<ExecutionFailure>()),
  },
  indexes: [['org', 'status'], ['status']],
})

/** What changes with every ballot, apart from the proposal: hashed once a block however many ballots came. */
export const ballotBoxes = defineTable('ballot_box', {
  key: { proposal: text },
  columns: {
    turnoutHeads: uint,
    /** Merkle log of the hashes of all vote transactions, changed ballots included: proves a recount complete. */
    log: json<Log>(),
    /** Running totals of methods that add up (`@icn/tally`); `null` for the others. */
    totals: optional(json<unknown>()),
  },
})

/** One row per ballot in force. */
export const votes = defineTable('vote', {
  key: { proposal: text, voter: did },
  columns: {
    ballot: json<Ballot>(),
    /** Position in the proposal's log. */
    position: uint,
    height: uint,
  },
})

/** Equal ballots counted together, for methods whose totals do not add up: a count reads these, not the votes. */
export const ballotGroups = defineTable('ballot_group', {
  key: { proposal: text, ballotHash: text },
  columns: { ballot: json<Ballot>(), count: uint },
})

export const sponsors = defineTable('sponsor', { key: { proposal: text, did }, columns: { timeMs: uint } })

export const comments = defineTable('comment', {
  key: { proposal: text, id: text },
  columns: { author: did, text, inReplyTo: optional(text), timeMs: uint },
})

/** How many open proposals a member has. */
export const proposers = defineTable('proposer', { key: { org: did, did }, columns: { open: uint } })

export const bylaws = defineTable('bylaw', {
  key: { org: did, bylaw: text },
  columns: { title: text, text, version: uint, proposal: text, timeMs: uint },
})

export const resolutions = defineTable('resolution', {
  key: { org: did, proposal: text, index: uint },
  columns: { text, timeMs: uint },
})

/** The latest appeal of an expelled member: one for each expulsion, told apart by when that was. */
export const appeals = defineTable('appeal', {
  key: { org: did, did },
  columns: { expelledTimeMs: uint, proposal: text },
})

/** One row, id `all`: when the last block was, to the minute, and all outages of the network together. */
export const outages = defineTable('outage', { key: { id: text }, columns: { lastBlockMs: uint, totalMs: uint } })

/** Id: the proposal. Kinds: `draft-end`, `discussion-end`, `voting-end`, `execute`. */
export const governanceDeadlines = defineQueue('governance_deadline')

/**
 * A queue of its own, so that counts hold up no other deadline: proposals whose count goes on in the next block, with the
 * units of it that are done.
 */
export const countDeadlines = defineTable('count_deadline', {
  key: { dueMs: uint, id: text },
  columns: { units: uint },
})

export const governanceTables = [
  proposals,
  ballotBoxes,
  votes,
  ballotGroups,
  sponsors,
  comments,
  proposers,
  bylaws,
  resolutions,
  appeals,
  outages,
  governanceDeadlines,
  countDeadlines,
]
