import type { Ballot } from '@icn/protocol'
import type { Totals } from '@icn/tally'
import { heightOfId, type SqlReader } from '../../kernel/index.ts'
import { type PageRequest, rollEntries } from '../membership/index.ts'
import type { Proposal } from './proposal.ts'

/** A proposal's row and what changes with every ballot. */
export interface ProposalFacts extends Proposal {
  /** Members who have voted so far. */
  readonly turnoutHeads: number
  readonly totals: Totals | null
}

export interface CommentFacts {
  readonly id: string
  readonly author: string
  readonly text: string
  readonly inReplyTo: string | null
  readonly timeMs: number
}

export interface VoteFacts {
  readonly voter: string
  readonly ballot: Ballot
  readonly position: number
  readonly height: number
}

export interface BylawFacts {
  readonly bylaw: string
  readonly title: string
  readonly text: string
  readonly version: number
  readonly proposal: string
  readonly timeMs: number
}

export interface ResolutionFacts {
  readonly proposal: string
  readonly index: number
  readonly text: string
  readonly timeMs: number
}

export interface DecisionCounts {
  readonly total: number
  readonly active: number
  readonly approved: number
  readonly rejected: number
  readonly failed: number
  /** Ten-thousandths of the roll that took part, on average; `null` before the first decision. */
  readonly participation: number | null
}

/** What an audit bundle takes from the tables; the proofs come from the store. */
export interface BundleParts {
  readonly proposal: Proposal
  readonly rollEntries: readonly (readonly [version: number, did: string, change: 'in' | 'out'])[]
  /** Signed bytes of all votes, changed ones included, in the order of the box's log. */
  readonly votes: readonly Uint8Array[]
  /** Signed bytes that made the keys of those voters who have a did:icn, with their heights. */
  readonly identities: readonly (readonly [height: number, bytes: Uint8Array])[]
}

type Raw = Readonly<Record<string, unknown>>

const JSON_COLUMNS = ['options', 'actions', 'rules', 'roll', 'result', 'failure', 'totals'] as const
const PROPOSAL =
  'SELECT p.*, coalesce(b.turnoutHeads, 0) AS turnoutHeads, b.totals FROM proposal p LEFT JOIN ballot_box b ON b.proposal = p.id'

/** Latest first; `after`: the `<createdHeight> <id>` of the last one of the page before. */
export function listProposals(
  sql: SqlReader,
  { org, status, after, limit }: PageRequest & { readonly org?: string; readonly status?: string },
): ProposalFacts[] {
  const [height, id] = after?.split(' ') ?? []
  const conditions: string[] = []
  const values: (string | number)[] = []
  const add = (condition: string, ...given: (string | number)[]) => {
    conditions.push(condition)
    values.push(...given)
  }
  if (org !== undefined) add('p.org = ?', org)
  if (status !== undefined) add('p.status = ?', status)
  if (height !== undefined && id !== undefined) add('(p.createdHeight, p.id) < (?, ?)', Number(height), id)
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`
  const order = 'ORDER BY p.createdHeight DESC, p.id DESC LIMIT ?'
  return sql.all<Raw>(`${PROPOSAL} ${where} ${order}`, ...values, limit).map(proposalFacts)
}

export function findProposal(sql: SqlReader, id: string): ProposalFacts | undefined {
  const row = sql.get<Raw>(`${PROPOSAL} WHERE p.id = ?`, id)
  return row === undefined ? undefined : proposalFacts(row)
}

export function countProposals(sql: SqlReader): number {
  return sql.get<{ count: number }>('SELECT count(*) AS count FROM proposal')?.count ?? 0
}

/** Ballots in equal groups, for a count while voting goes on; of methods that add up, the totals say the same. */
export function listBallotGroups(
  sql: SqlReader,
  proposal: string,
  limit: number,
): { readonly ballot: Ballot; readonly count: number }[] {
  const rows = sql.all<{ ballot: string; count: number }>(
    'SELECT ballot, count FROM ballot_group WHERE proposal = ? LIMIT ?',
    proposal,
    limit,
  )
  return rows.map(({ ballot, count }) => ({ ballot: JSON.parse(ballot) as Ballot, count }))
}

export function listSponsors(sql: SqlReader, proposal: string): string[] {
  return sql
    .all<{ did: string }>('SELECT did FROM sponsor WHERE proposal = ? ORDER BY timeMs, did', proposal)
    .map(({ did }) => did)
}

/** Oldest first; `after`: the `<timeMs> <id>` of the last one of the page before. */
export function listComments(sql: SqlReader, proposal: string, { after = '-1 ', limit }: PageRequest): CommentFacts[] {
  const [timeMs = '-1', id = ''] = after.split(' ')
  const query =
    'SELECT id, author, text, inReplyTo, timeMs FROM comment WHERE proposal = ? AND (timeMs, id) > (?, ?) ORDER BY timeMs, id LIMIT ?'
  return sql.all<CommentFacts>(query, proposal, Number(timeMs), id, limit)
}

export function listVotes(sql: SqlReader, proposal: string, { after = '', limit }: PageRequest): VoteFacts[] {
  const query =
    'SELECT voter, ballot, position, height FROM vote WHERE proposal = ? AND voter > ? ORDER BY voter LIMIT ?'
  return sql.all<Raw>(query, proposal, after, limit).map(voteFacts)
}

export function findVote(sql: SqlReader, proposal: string, voter: string): VoteFacts | undefined {
  const row = sql.get<Raw>(
    'SELECT voter, ballot, position, height FROM vote WHERE proposal = ? AND voter = ?',
    proposal,
    voter,
  )
  return row === undefined ? undefined : voteFacts(row)
}

export function listBylaws(sql: SqlReader, org: string, { after = '', limit }: PageRequest): BylawFacts[] {
  const query =
    'SELECT bylaw, title, text, version, proposal, timeMs FROM bylaw WHERE org = ? AND bylaw > ? ORDER BY bylaw LIMIT ?'
  return sql.all<BylawFacts>(query, org, after, limit)
}

/** By proposal; `after`: the `<proposal> <index>` of the last one of the page before. */
export function listResolutions(sql: SqlReader, org: string, { after = ' -1', limit }: PageRequest): ResolutionFacts[] {
  const [proposal = '', index = '-1'] = after.split(' ')
  const query =
    'SELECT proposal, "index", text, timeMs FROM resolution WHERE org = ? AND (proposal, "index") > (?, ?) ORDER BY proposal, "index" LIMIT ?'
  return sql.all<ResolutionFacts>(query, org, proposal, Number(index), limit)
}

/** Cost grows with the proposals of the organization. */
export function countDecisions(sql: SqlReader, org: string): DecisionCounts {
  const sum = (statuses: string) => `coalesce(sum(status IN (${statuses})), 0)`
  const participation =
    "avg(CASE WHEN result IS NOT NULL AND roll ->> 'heads' > 0 THEN 10000.0 * (result ->> 'turnoutHeads') / (roll ->> 'heads') END)"
  const row = sql.get<Raw>(
    `SELECT count(*) AS total, ${sum("'draft','discussion','voting','counting','queued'")} AS active,
      ${sum("'passed','executed','queued','exec_failed'")} AS approved, ${sum("'rejected','no_quorum','tied'")} AS rejected,
      ${sum("'exec_failed','expired','vetoed'")} AS failed, cast(round(${participation}) AS INTEGER) AS participation
     FROM proposal WHERE org = ?`,
    org,
  )
  return row as unknown as DecisionCounts
}

/** Cost grows with the ballots and with everybody who ever was a member. */
export function bundleParts(sql: SqlReader, id: string): BundleParts | undefined {
  const facts = findProposal(sql, id)
  if (facts === undefined) return undefined
  const { turnoutHeads: _, totals: __, ...proposal } = facts
  const cast = `FROM event e JOIN tx t ON t.id = e.tx WHERE e.subject = ? AND e.topic = 'vote.cast'`
  const votes = sql.all<{ bytes: Uint8Array }>(`SELECT t.bytes ${cast} ORDER BY e.id`, id)
  const identities = sql.all<{ id: number; bytes: Uint8Array }>(
    `SELECT id, bytes FROM tx WHERE kind IN ('identity.register', 'identity.rotate', 'identity.deactivate')
       AND signer IN (SELECT voter FROM vote WHERE proposal = ?) ORDER BY id`,
    id,
  )
  return {
    proposal,
    rollEntries: rollEntries(sql, proposal.org, proposal.roll?.version ?? 0),
    votes: votes.map(({ bytes }) => bytes),
    identities: identities.map(({ id: place, bytes }) => [heightOfId(place), bytes]),
  }
}

function proposalFacts(row: Raw): ProposalFacts {
  const facts: Record<string, unknown> = { ...row, extended: row.extended === 1 }
  for (const column of JSON_COLUMNS) facts[column] = row[column] === null ? null : JSON.parse(String(row[column]))
  delete facts._node
  return facts as unknown as ProposalFacts
}

function voteFacts(row: Raw): VoteFacts {
  return { ...row, ballot: JSON.parse(String(row.ballot)) } as unknown as VoteFacts
}
