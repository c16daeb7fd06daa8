import type { ExecutionFailure } from '@icn/protocol'
import { type BlockContext, cancel, type LedgerEvent, type State, schedule } from '../../kernel/index.ts'
import { changeMemberships } from '../identity/index.ts'
import { MEMBER, STEWARD } from './charter.ts'
import { changeVoice, countMembers, hasVoice } from './roll.ts'
import { getMember, type Member, type Organization } from './standing.ts'
import { applications, members, membershipDeadlines } from './tables.ts'

/** How often a member may have come and gone before only a decision can admit them again: spans stay short. */
export const MOST_VOICE_SPANS = 16

/** What a passed proposal's action came to; a failure has written nothing. */
export type ActionResult =
  | { readonly ok: true; readonly events: readonly LedgerEvent[] }
  | { readonly ok: false; readonly failure: ExecutionFailure }

/** Makes somebody an active member, now; voice comes at once or after the charter's waiting time. */
export function join(
  state: State,
  block: BlockContext,
  { did: org, charter }: Organization,
  person: { readonly did: string; readonly name: string; readonly roles: readonly string[] },
): LedgerEvent[] {
  const { timeMs } = block
  const before = getMember(state, org, person.did)
  const voiceTimeMs = timeMs + charter.membershipAgeMinMs
  const roles = [MEMBER, ...person.roles.filter((role) => role !== MEMBER)]
  const facts = { org, did: person.did, name: person.name, status: 'active', roles, joinedTimeMs: timeMs }
  const member: Member = { ...facts, voiceTimeMs, voice: before?.voice ?? [], endedTimeMs: null }
  state.open(members).put(member)
  countMembers(state, org, { members: 1, stewards: roles.includes(STEWARD) ? 1 : 0 })
  changeMemberships(state, person.did, 1)
  dropApplication(state, org, person.did)
  const joined = { topic: 'member.joined', org, subject: person.did, data: { name: person.name } }
  if (charter.membershipAgeMinMs === 0) return [joined, ...giveVoice(state, member)]
  schedule(state, membershipDeadlines, { dueMs: voiceTimeMs, id: memberId(org, person.did), kind: 'voice' })
  return [joined]
}

export function giveVoice(state: State, member: Member): LedgerEvent[] {
  changeVoice(state, member, 'in')
  return [{ topic: 'member.voice', org: member.org, subject: member.did, data: {} }]
}

/** Ends an active membership. Those whose vote is frozen already keep it. */
export function end(state: State, block: BlockContext, member: Member, status: 'left' | 'expelled'): LedgerEvent[] {
  const { org, did } = member
  const without = hasVoice(member) ? changeVoice(state, member, 'out') : member
  if (without === member) cancel(state, membershipDeadlines, { dueMs: member.voiceTimeMs, id: memberId(org, did) })
  state.open(members).put({ ...without, status, roles: [], endedTimeMs: block.timeMs })
  countMembers(state, org, { members: -1, stewards: member.roles.includes(STEWARD) ? -1 : 0 })
  changeMemberships(state, did, -1)
  return [{ topic: `member.${status}`, org, subject: did, data: {} }]
}

/** Takes back an open application, if there is one. */
export function dropApplication(state: State, org: string, did: string): void {
  const application = state.open(applications).get({ org, did })
  if (application === undefined) return
  state.open(applications).delete({ org, did })
  cancel(state, membershipDeadlines, { dueMs: application.expiresTimeMs, id: applicationId(org, did) })
}

/** Ids in the queue; a DID holds no space. */
export function memberId(org: string, did: string): string {
  return `voice ${org} ${did}`
}

export function applicationId(org: string, did: string): string {
  return `application ${org} ${did}`
}
