import type { ApplicationFacts, InvitationFacts, MemberFacts, OrganizationFacts } from '@icn/state-machine/membership'
import type { AnswerOf } from '../contract/index.ts'
import { time, timeOrNull } from './times.ts'

type Organization = AnswerOf<'organization'>
type Member = AnswerOf<'member'>

export function organizationView(facts: OrganizationFacts): Organization {
  const { did, name, kind, founder, foundedHeight, foundedTimeMs, members, voices, rollVersion, rollRoot } = facts
  const { charterVersion, charter } = facts
  const roll = { members, voices, rollVersion, rollRoot }
  return {
    did,
    name,
    kind,
    founder,
    foundedHeight,
    founded: time(foundedTimeMs),
    ...roll,
    charterVersion,
    readAccess: charter.readAccess,
  }
}

export function memberView({
  did,
  name,
  status,
  roles,
  joinedTimeMs,
  hasVoice,
  voiceTimeMs,
  endedTimeMs,
}: MemberFacts): Member {
  const times = { joined: time(joinedTimeMs), voiceFrom: time(voiceTimeMs), ended: timeOrNull(endedTimeMs) }
  return { did, name, status, roles: [...roles], hasVoice, ...times }
}

export function applicationView({ did, name, statement, appliedTimeMs, expiresTimeMs }: ApplicationFacts) {
  return { did, name, statement, applied: time(appliedTimeMs), expires: time(expiresTimeMs) }
}

export function invitationView({
  id,
  org,
  uses,
  usesLeft,
  expiresTimeMs,
  roles,
  invitedBy,
}: InvitationFacts): AnswerOf<'invitation'> {
  return { id, org, uses, usesLeft, expires: time(expiresTimeMs), roles: [...roles], invitedBy }
}
