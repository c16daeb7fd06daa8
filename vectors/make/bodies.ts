import { publicKeyFromSeed } from '@icn/crypto'
import { type Bodies, type BodyKind, didFromPublicKey, proveInvitation, publicKeyToText } from '@icn/protocol'
import { seedOf } from './json.ts'

export const CHAIN = 'vectors-1'
export const ORG = `did:icn:${CHAIN}:o2-0-k3j5x2`
export const PROPOSAL = 'p5-1-b4n7qa'
export const SIGNER_SEED = seedOf(1)
export const SIGNER = didFromPublicKey(publicKeyFromSeed(SIGNER_SEED))
const INVITATION = 'i3-0-aaaaaa'
const INVITATION_SEED = seedOf(9)
const KEY_2 = publicKeyToText(publicKeyFromSeed(seedOf(2)))
const KEY_3 = publicKeyToText(publicKeyFromSeed(seedOf(3)))
const NODE = 'n6-0-c2d3e4'
const VALIDATOR = '0123456789abcdef0123456789abcdef01234567'
const ABOUT_NODE: Omit<Bodies['node.update'], 'kind' | 'node'> = {
  moniker: 'Bäckerei 1',
  roles: ['validator', 'storage'],
  http: ['https://node.example/'],
  p2p: [`${VALIDATOR}@node.example:26656`],
  region: 'eu-north',
  capacityBytes: 1_000_000_000_000,
}
const MEMBER = `did:key:${KEY_3}`

/** One body of each kind, with something in every field. */
export const bodies: { readonly [K in BodyKind]: Bodies[K] } = {
  'identity.register': {
    kind: 'identity.register',
    keys: [
      { id: 'laptop', publicKey: publicKeyToText(publicKeyFromSeed(SIGNER_SEED)) },
      { id: 'phone', publicKey: KEY_2 },
    ],
    services: [{ id: 'home', type: 'LinkedDomains', endpoint: 'https://cooperative.example/' }],
  },
  'identity.rotate': { kind: 'identity.rotate', add: [{ id: 'new', publicKey: KEY_3 }], revoke: ['laptop'] },
  'identity.services': { kind: 'identity.services', services: [] },
  'identity.deactivate': { kind: 'identity.deactivate' },
  'org.found': {
    kind: 'org.found',
    name: 'Bäckerei Sonnenhügel',
    orgKind: 'cooperative',
    founderName: 'Ada',
    charter: {
      quorum: { num: 1, den: 2 },
      votingMs: 259_200_000,
      roles: [{ name: 'steward', permissions: ['member.admit'] }],
    },
  },
  'member.invite': {
    kind: 'member.invite',
    org: ORG,
    invitationKey: publicKeyToText(publicKeyFromSeed(INVITATION_SEED)),
    uses: 20,
    expiresTimeMs: 1_800_000_000_000,
    roles: ['treasurer'],
  },
  'member.apply': {
    kind: 'member.apply',
    org: ORG,
    name: 'Ben',
    statement: 'I bake.\nAnd I clean 🧹',
    invitation: { id: INVITATION, proof: proveInvitation(CHAIN, INVITATION, SIGNER, INVITATION_SEED) },
  },
  'member.admit': { kind: 'member.admit', org: ORG, member: MEMBER },
  'member.refuse': { kind: 'member.refuse', org: ORG, member: MEMBER, reason: '' },
  'member.leave': { kind: 'member.leave', org: ORG },
  'member.appeal': { kind: 'member.appeal', org: ORG, statement: 'I was not heard.' },
  'role.grant': { kind: 'role.grant', org: ORG, member: MEMBER, role: 'treasurer' },
  'role.revoke': { kind: 'role.revoke', org: ORG, member: MEMBER, role: 'treasurer' },
  'proposal.new': {
    kind: 'proposal.new',
    org: ORG,
    type: 'bylaw',
    title: 'Opening hours',
    text: 'When do we open?',
    method: 'schulze',
    options: [
      { label: 'At six', actions: [{ do: 'standard', text: 'We open at six.' }], costMinor: 0 },
      {
        label: 'At seven',
        actions: [
          {
            do: 'bylaw',
            bylaw: 'hours',
            title: 'Opening hours',
            baseVersion: 1,
            edits: [{ line: 0, remove: ['six'], insert: ['seven', ''] }],
          },
        ],
        costMinor: 0,
      },
    ],
    actions: [
      { do: 'charter', change: { sponsors: 1, admission: 'proposal' } },
      { do: 'admit', member: MEMBER },
      { do: 'expel', member: MEMBER, reason: 'Never came.' },
      { do: 'grant-role', member: MEMBER, role: 'steward' },
      { do: 'revoke-role', member: MEMBER, role: 'steward' },
      { do: 'admit-validator', node: NODE, power: 10 },
      { do: 'remove-validator', validator: VALIDATOR, reason: 'Gone.' },
      { do: 'network-param', change: { maxValidators: 40, memberAllowance: { burst: 100, perHour: 60 } } },
      { do: 'upgrade', version: 2, name: 'Oak', height: 10_000 },
      { do: 'cancel-upgrade' },
    ],
    seats: 1,
    maxScore: 0,
    budgetMinor: 0,
    discussionMs: null,
    votingMs: 86_400_000,
    amends: 'p4-0-aaaaaa',
  },
  'proposal.sponsor': { kind: 'proposal.sponsor', proposal: PROPOSAL },
  'proposal.open': { kind: 'proposal.open', proposal: PROPOSAL },
  'proposal.withdraw': { kind: 'proposal.withdraw', proposal: PROPOSAL },
  'proposal.discuss': { kind: 'proposal.discuss', proposal: PROPOSAL, text: 'Why?', inReplyTo: null },
  'vote.cast': { kind: 'vote.cast', proposal: PROPOSAL, ballot: [[1], [0, 2]], reason: 'Bread at six is fresh.' },
  'node.register': { kind: 'node.register', org: ORG, publicKey: KEY_2, ...ABOUT_NODE, version: '1.4.0' },
  'node.update': { kind: 'node.update', node: NODE, ...ABOUT_NODE },
  'node.drain': { kind: 'node.drain', node: NODE },
  'node.maintenance': { kind: 'node.maintenance', node: NODE, untilTimeMs: 1_800_000_000_000 },
  'node.resume': { kind: 'node.resume', node: NODE },
  'node.retire': { kind: 'node.retire', node: NODE },
  'node.heartbeat': { kind: 'node.heartbeat', node: NODE, height: 8, version: '1.4.0', freeBytes: 900_000_000_000 },
  'validator.unjail': { kind: 'validator.unjail', validator: VALIDATOR },
  'validator.appeal': { kind: 'validator.appeal', validator: VALIDATOR, statement: 'The disk was copied.' },
  'network.open': { kind: 'network.open', federation: ORG },
}
