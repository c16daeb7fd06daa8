import { type Log, logRoot, toHex } from '@icn/crypto'
import type { Charter } from '@icn/protocol'
import type { SqlReader } from '../../kernel/index.ts'
import { entriesOf } from './invariants.ts'
import { hasVoiceAt } from './roll.ts'
import type { VoiceSpan } from './tables.ts'

/** A page of a list: rows whose key comes after `after`, at most `limit`. */
export interface PageRequest {
  readonly after?: string
  readonly limit: number
}

export interface OrganizationFacts {
  readonly did: string
  readonly name: string
  readonly kind: string
  readonly charter: Charter
  readonly charterVersion: number
  readonly founder: string
  readonly foundedHeight: number
  readonly foundedTimeMs: number
  readonly members: number
  readonly voices: number
  readonly rollVersion: number
  /** Hex. */
  readonly rollRoot: string
}

export interface MemberFacts {
  readonly org: string
  readonly did: string
  readonly name: string
  readonly status: 'active' | 'left' | 'expelled'
  readonly roles: readonly string[]
  readonly joinedTimeMs: number
  readonly voiceTimeMs: number
  readonly hasVoice: boolean
  readonly endedTimeMs: number | null
}

export interface ApplicationFacts {
  readonly org: string
  readonly did: string
  readonly name: string
  readonly statement: string
  readonly appliedTimeMs: number
  readonly expiresTimeMs: number
}

export interface InvitationFacts {
  readonly id: string
  readonly org: string
  readonly uses: number
  readonly usesLeft: number
  readonly expiresTimeMs: number
  readonly roles: readonly string[]
  readonly invitedBy: string
}

export interface MembershipFacts {
  readonly org: string
  readonly name: string
  readonly status: string
  readonly roles: readonly string[]
}

type Raw = Readonly<Record<string, unknown>>

const ORGANIZATION =
  'SELECT o.*, r.version AS rollVersion, r.log, r.heads, r.members FROM organization o JOIN roll r ON r.org = o.did'

export function listOrganizations(sql: SqlReader, { after = '', limit }: PageRequest): OrganizationFacts[] {
  return sql.all<Raw>(`${ORGANIZATION} WHERE o.did > ? ORDER BY o.did LIMIT ?`, after, limit).map(organizationFacts)
}

export function findOrganization(sql: SqlReader, did: string): OrganizationFacts | undefined {
  const row = sql.get<Raw>(`${ORGANIZATION} WHERE o.did = ?`, did)
  return row === undefined ? undefined : organizationFacts(row)
}

export function listMembers(sql: SqlReader, org: string, { after = '', limit }: PageRequest): MemberFacts[] {
  return sql
    .all<Raw>('SELECT * FROM member WHERE org = ? AND did > ? ORDER BY did LIMIT ?', org, after, limit)
    .map(memberFacts)
}

export function findMember(sql: SqlReader, org: string, did: string): MemberFacts | undefined {
  const row = sql.get<Raw>('SELECT * FROM member WHERE org = ? AND did = ?', org, did)
  return row === undefined ? undefined : memberFacts(row)
}

/** Whether somebody has voice in an electorate frozen at a version of the roll, a member still or not. */
export function isOnRoll(sql: SqlReader, org: string, did: string, version: number): boolean {
  const row = sql.get<{ voice: string }>('SELECT voice FROM member WHERE org = ? AND did = ?', org, did)
  return row !== undefined && hasVoiceAt({ voice: JSON.parse(row.voice) as readonly VoiceSpan[] }, version)
}

export function listApplications(sql: SqlReader, org: string, { after = '', limit }: PageRequest): ApplicationFacts[] {
  return sql.all<ApplicationFacts>(
    'SELECT * FROM application WHERE org = ? AND did > ? ORDER BY did LIMIT ?',
    org,
    after,
    limit,
  )
}

export function listInvitations(sql: SqlReader, org: string, { after = '', limit }: PageRequest): InvitationFacts[] {
  return sql
    .all<Raw>('SELECT * FROM invitation WHERE org = ? AND id > ? ORDER BY id LIMIT ?', org, after, limit)
    .map(invitationFacts)
}

export function findInvitation(sql: SqlReader, id: string): InvitationFacts | undefined {
  const row = sql.get<Raw>('SELECT * FROM invitation WHERE id = ?', id)
  return row === undefined ? undefined : invitationFacts(row)
}

/** Organizations of which a DID is or was a member. */
export function listMembershipsOf(sql: SqlReader, did: string, { after = '', limit }: PageRequest): MembershipFacts[] {
  const rows = sql.all<Raw>(
    'SELECT m.org, o.name, m.status, m.roles FROM member m JOIN organization o ON o.did = m.org WHERE m.did = ? AND m.org > ? ORDER BY m.org LIMIT ?',
    did,
    after,
    limit,
  )
  return rows.map((row) => ({ ...row, roles: JSON.parse(String(row.roles)) }) as unknown as MembershipFacts)
}

export function countOrganizations(sql: SqlReader): { readonly organizations: number; readonly members: number } {
  return (
    sql.get('SELECT count(*) AS organizations, coalesce(sum(members), 0) AS members FROM roll') ?? {
      organizations: 0,
      members: 0,
    }
  )
}

/** The first `version` entries of an organization's roll. Cost grows with everybody who ever was a member. */
export function rollEntries(
  sql: SqlReader,
  org: string,
  version: number,
): [version: number, did: string, change: 'in' | 'out'][] {
  const rows = sql.all<{ did: string; voice: string }>('SELECT did, voice FROM member WHERE org = ?', org)
  const spans = rows.map(({ did, voice }) => ({ did, voice: JSON.parse(voice) as readonly VoiceSpan[] }))
  return entriesOf(spans).slice(0, version)
}

function organizationFacts(row: Raw): OrganizationFacts {
  const { log, heads, founderRules: _, ...facts } = row
  const rollRoot = toHex(logRoot(JSON.parse(String(log)) as Log))
  return { ...facts, charter: JSON.parse(String(row.charter)), voices: heads, rollRoot } as unknown as OrganizationFacts
}

function memberFacts(row: Raw): MemberFacts {
  const { voice, ...facts } = row
  const spans = JSON.parse(String(voice)) as readonly VoiceSpan[]
  return {
    ...facts,
    roles: JSON.parse(String(row.roles)),
    hasVoice: spans.at(-1)?.[1] === null,
  } as unknown as MemberFacts
}

function invitationFacts(row: Raw): InvitationFacts {
  return { ...row, roles: JSON.parse(String(row.roles)) } as unknown as InvitationFacts
}
