import type { Charter, CharterChange } from '@icn/protocol'

const DAY_MS = 86_400_000

/** The charter of a new cooperative: small, quick, and everything in it can be changed by its first decision. */
export const defaultCharter: Charter = {
  thresholds: {
    constitution: { num: 75, den: 100 },
    bylaw: { num: 66, den: 100 },
    budget: { num: 60, den: 100 },
    standard: { num: 51, den: 100 },
  },
  quorum: { num: 40, den: 100 },
  discussionMs: 0,
  votingMs: 7 * DAY_MS,
  membershipAgeMinMs: 0,
  sponsors: 0,
  openProposalsPerMember: 10,
  admission: 'role',
  applicationMs: 30 * DAY_MS,
  expulsionNoticeMs: 7 * DAY_MS,
  appealMs: 30 * DAY_MS,
  weights: 'equal',
  lateQuorumExtensionMs: 0,
  timeLockMs: 0,
  executionRetryMs: 7 * DAY_MS,
  readAccess: 'public',
  roles: [
    { name: 'member', permissions: ['proposal.create'] },
    { name: 'steward', permissions: ['member.invite', 'member.admit', 'role.grant', 'org.edit', 'node.operate'] },
    { name: 'treasurer', permissions: ['ledger.manage'] },
    { name: 'mediator', permissions: ['dispute.mediate'] },
    { name: 'operator', permissions: ['node.operate'] },
  ],
}

export const STEWARD = 'steward'
export const MEMBER = 'member'

/** What is named replaces, what is not stays. */
export function mergeCharter(charter: Charter, change: CharterChange): Charter {
  return { ...charter, ...(change as Partial<Charter>) }
}

/** How a charter contradicts itself, for people; `undefined` where it does not. */
export function faultOfCharter(charter: Charter): string | undefined {
  const { thresholds, quorum, roles, weights, votingMs, lateQuorumExtensionMs } = charter
  for (const [type, { num, den }] of Object.entries(thresholds)) {
    if (num === 0 || num > den) return `the threshold of ${type} must be above 0 and at most 1`
  }
  if (quorum.num > quorum.den) return 'the quorum must be at most 1'
  if (weights === 'reputation') return 'weights by reputation are not available on this network yet'
  if (lateQuorumExtensionMs > votingMs) return 'the extension for a late quorum must not exceed the time of voting'
  const names = roles.map(({ name }) => name)
  if (new Set(names).size < names.length) return 'every role must be named once'
  for (const name of [MEMBER, STEWARD]) if (!names.includes(name)) return `the role ${name} must stay`
  const can = (permission: string) => roles.some(({ permissions }) => (permissions as string[]).includes(permission))
  if (!can('proposal.create')) return 'some role must be permitted to make proposals'
  if (charter.admission === 'role' && !can('member.admit')) return 'some role must be permitted to admit members'
  return undefined
}
