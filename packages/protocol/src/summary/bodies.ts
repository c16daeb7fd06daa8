import type { Bodies, BodyKind, IdentityKey, Service } from '../bodies/index.ts'
import { describeCharter } from './charter.ts'
import { describeNetworkBody } from './network.ts'
import { describeBallot, describeProposal } from './proposal.ts'
import { indent, list, plural, quote, time } from './words.ts'

/** First line: the deed, as a command. Lines after it: everything else that the signature binds. */
export const describeBody: { readonly [K in BodyKind]: (body: Bodies[K]) => string[] } = {
  'identity.register': ({ keys, services }) => [
    `Register a new identity with ${plural(keys.length, 'key')}`,
    ...keys.map(describeKey),
    ...services.map(describeService),
  ],
  'identity.rotate': ({ add, revoke }) => [
    `Change the keys of your identity: add ${add.length}, revoke ${revoke.length}`,
    ...add.map(describeKey),
    ...revoke.map((id) => `Revoke key ${id}: it can sign nothing any more`),
  ],
  'identity.services': ({ services }) => [
    services.length === 0 ? 'Remove all services of your identity' : 'Replace the services of your identity',
    ...services.map(describeService),
  ],
  'identity.deactivate': () => ['Deactivate your identity for good: it can never sign again'],
  'org.found': ({ name, orgKind, founderName, charter }) => [
    `Found the ${orgKind} ${quote(name)}, with you as ${quote(founderName)} holding every role`,
    ...describeRules(
      'Its charter differs from the usual one in:',
      'Its charter is the usual one',
      describeCharter(charter),
    ),
  ],
  'member.invite': ({ org, invitationKey, uses, expiresTimeMs, roles }) => [
    `Invite ${uses === 1 ? 'one person' : `up to ${uses} people`} to ${org}`,
    `Valid until ${time(expiresTimeMs)}, with the key ${invitationKey}`,
    roles.length === 0
      ? 'They join as members'
      : `They join as members with ${roles.length === 1 ? 'the role' : 'the roles'} ${list(roles)}`,
  ],
  'member.apply': ({ org, name, statement, invitation }) => [
    invitation === null
      ? `Apply to join ${org} as ${quote(name)}`
      : `Join ${org} as ${quote(name)}, by invitation ${invitation.id}`,
    `Statement: ${quote(statement)}`,
  ],
  'member.admit': ({ org, member }) => [`Admit ${member} to ${org}`],
  'member.refuse': ({ org, member, reason }) => [
    `Refuse the application of ${member} to ${org}`,
    `Reason: ${quote(reason)}`,
  ],
  'member.leave': ({ org }) => [`Leave ${org}`],
  'member.appeal': ({ org, statement }) => [
    `Appeal against your expulsion from ${org}`,
    `Statement: ${quote(statement)}`,
  ],
  'role.grant': ({ org, member, role }) => [`Give the role ${role} in ${org} to ${member}`],
  'role.revoke': ({ org, member, role }) => [`Take the role ${role} in ${org} from ${member}`],
  'proposal.new': describeProposal,
  'proposal.sponsor': ({ proposal }) => [`Sponsor proposal ${proposal}`],
  'proposal.open': ({ proposal }) => [`End the discussion of proposal ${proposal} and open voting`],
  'proposal.withdraw': ({ proposal }) => [`Withdraw your proposal ${proposal}`],
  'proposal.discuss': ({ proposal, text, inReplyTo }) => [
    inReplyTo === null ? `Comment on proposal ${proposal}` : `Reply to comment ${inReplyTo} on proposal ${proposal}`,
    `Text: ${quote(text)}`,
  ],
  'vote.cast': ({ proposal, ballot, reason }) => [
    `Vote ${describeBallot(ballot)} on proposal ${proposal}`,
    ...(reason === '' ? [] : [`Reason: ${quote(reason)}`]),
  ],
  ...describeNetworkBody,
}

function describeKey({ id, publicKey }: IdentityKey): string {
  return `Key ${id}: ${publicKey}`
}

function describeService({ id, type, endpoint }: Service): string {
  return `Service ${id}: ${quote(type)} at ${quote(endpoint)}`
}

function describeRules(title: string, none: string, rules: readonly string[]): string[] {
  return rules.length === 0 ? [none] : [title, ...indent(rules)]
}
