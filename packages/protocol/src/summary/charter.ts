import type { Charter, CharterChange, Fraction } from '../bodies/index.ts'
import { duration, list, plural } from './words.ts'

type Describe = { readonly [N in keyof Charter]: (value: Charter[N]) => readonly string[] }

/** What each rule says, in the order in which people read a charter. */
const describe: Describe = {
  thresholds: (types) =>
    Object.entries(types).map(([type, share]) => `A ${type} proposal passes with ${fraction(share)} of yes and no`),
  quorum: (share) => [`Quorum: ${fraction(share)} of the roll must take part`],
  discussionMs: (ms) => [`Discussion lasts ${duration(ms)}`],
  votingMs: (ms) => [`Voting lasts ${duration(ms)}`],
  membershipAgeMinMs: (ms) => [
    ms === 0 ? 'A new member may vote at once' : `A new member may vote after ${duration(ms)}`,
  ],
  sponsors: (count) => [`A proposal needs ${plural(count, 'sponsor')} beside its author`],
  openProposalsPerMember: (count) => [`A member may have ${plural(count, 'proposal')} open at once`],
  admission: (by) => [
    by === 'role' ? 'Members are admitted by whoever holds that permission' : 'Members are admitted only by a proposal',
  ],
  applicationMs: (ms) => [`An application stays open for ${duration(ms)}`],
  expulsionNoticeMs: (ms) => [`An expulsion is discussed for ${duration(ms)} at least`],
  appealMs: (ms) => [`An expelled member may appeal for ${duration(ms)}`],
  weights: (weights) => [weights === 'equal' ? 'Each member has one equal vote' : 'Votes are weighted by reputation'],
  lateQuorumExtensionMs: (ms) => [
    ms === 0
      ? 'A late quorum does not extend voting'
      : `A quorum reached in the last ${duration(ms)} extends voting by as much`,
  ],
  timeLockMs: (ms) => [`A passed proposal waits ${duration(ms)} before it is carried out`],
  executionRetryMs: (ms) => [`A failed execution is tried again for ${duration(ms)}`],
  readAccess: (who) => [who === 'public' ? 'Anybody may read decisions' : 'Only members may read decisions'],
  roles: (roles) =>
    roles.map(
      ({ name, permissions }) => `Role ${name} may: ${permissions.length === 0 ? 'nothing' : list(permissions)}`,
    ),
}

/** One line or more for each rule that a change names. */
export function describeCharter(change: CharterChange): string[] {
  const names = Object.keys(describe) as (keyof Charter)[]
  return names.flatMap((name) => describeRule(name, change))
}

function describeRule<N extends keyof Charter>(name: N, change: CharterChange): readonly string[] {
  const value = change[name] as Charter[N] | undefined
  return value === undefined ? [] : describe[name](value)
}

function fraction({ num, den }: Fraction): string {
  const percent = (num * 100) / den
  return Number.isInteger(percent) ? `${percent} %` : `${num}/${den}`
}
