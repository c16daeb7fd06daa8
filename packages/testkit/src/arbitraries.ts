import { publicKeyFromSeed, toBase32, toBase64Url } from '@icn/crypto'
import {
  type Action,
  type Bodies,
  type Body,
  type BodyKind,
  bodySchemas,
  type CharterChange,
  didFromPublicKey,
  Limits,
  METHODS,
  publicKeyToText,
  type Transaction,
} from '@icn/protocol'
import fc from 'fast-check'

/*
 * Generators of everything that a transaction may hold, within its schema. Written by hand, so that they are a second
 * opinion on the schemas: a test that every generated body is accepted fails where the two disagree.
 */

const MAX = Number.MAX_SAFE_INTEGER
const words = ['yes', 'no', 'abstain', 'consent', 'stand-aside', 'object'] as const
const permissions = [
  'member.invite',
  'member.admit',
  'role.grant',
  'proposal.create',
  'proposal.veto',
  'org.edit',
  'ledger.manage',
  'dispute.mediate',
  'node.operate',
] as const

/** fast-check would leave out the prototype now and then, which no transaction that was read does. */
function record<T>(fields: { [N in keyof T]: fc.Arbitrary<T[N]> }): fc.Arbitrary<T> {
  return fc.record(fields, { noNullPrototype: true })
}

/** Texts of any Unicode characters, lengths in code points. */
function text(minLength: number, maxLength: number): fc.Arbitrary<string> {
  const any = fc.string({ unit: 'binary', minLength, maxLength })
  const readable = fc.string({ unit: 'grapheme-ascii', minLength, maxLength })
  return fc.oneof(readable, any)
}

function uint(max: number = MAX, min = 0): fc.Arbitrary<number> {
  return fc.oneof(
    fc.integer({ min, max: Math.min(max, min + 30) }),
    fc.maxSafeInteger().map((n) => min + (Math.abs(n) % (max - min + 1))),
  )
}

/** 32 bytes: a secret. */
export const arbitrarySeed: fc.Arbitrary<Uint8Array> = fc.uint8Array({ minLength: 32, maxLength: 32 })
export const arbitraryChainId: fc.Arbitrary<string> = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/)
export const arbitraryLedgerId: fc.Arbitrary<string> = fc.stringMatching(
  /^[oipcn][1-9][0-9]{0,6}-[0-9]{1,3}-[a-z2-7]{6}$/,
)
export const arbitraryPublicKeyText: fc.Arbitrary<string> = arbitrarySeed.map((seed) =>
  publicKeyToText(publicKeyFromSeed(seed)),
)
export const arbitraryDid: fc.Arbitrary<string> = fc.oneof(
  arbitraryPublicKeyText.map((key) => `did:key:${key}`),
  fc
    .tuple(arbitraryChainId, fc.uint8Array({ minLength: 32, maxLength: 32 }))
    .map(([chain, hash]) => `did:icn:${chain}:${toBase32(hash)}`),
  fc.tuple(arbitraryChainId, arbitraryLedgerId).map(([chain, id]) => `did:icn:${chain}:${id}`),
)

const keyId = fc.stringMatching(/^[a-zA-Z0-9._-]{1,64}$/)
const role = fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/)
const slug = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,63}$/)
const name = text(1, Limits.nameChars)
const title = text(1, 40)
const comment = text(1, 200)
const key = record({ id: keyId, publicKey: arbitraryPublicKeyText })
const service = record({ id: keyId, type: text(1, 64), endpoint: fc.stringMatching(/^https?:\/\/[!-~]{1,60}$/) })
const keys = (minLength: number) => fc.array(key, { minLength, maxLength: 3 })
const services = fc.array(service, { maxLength: 2 })
const fraction = record({ num: uint(10_000), den: uint(10_000, 1) })
const durationMs = uint(Limits.votingMs.max)
const votingMs = uint(Limits.votingMs.max, Limits.votingMs.min)
const address = fc.stringMatching(/^[0-9a-f]{40}$/)
const version = fc.stringMatching(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,31}$/)
const allowance = record({ burst: uint(1_000_000_000, 1), perHour: uint(1_000_000_000, 1) })
const proposalType = fc.constantFrom('constitution', 'bylaw', 'budget', 'standard')

export const arbitraryCharterChange: fc.Arbitrary<CharterChange> = fc.record(
  {
    thresholds: record({ constitution: fraction, bylaw: fraction, budget: fraction, standard: fraction }),
    quorum: fraction,
    discussionMs: durationMs,
    votingMs,
    membershipAgeMinMs: durationMs,
    sponsors: uint(100),
    openProposalsPerMember: uint(1_000, 1),
    admission: fc.constantFrom('role', 'proposal'),
    applicationMs: durationMs,
    expulsionNoticeMs: durationMs,
    appealMs: durationMs,
    weights: fc.constantFrom('equal', 'reputation'),
    lateQuorumExtensionMs: durationMs,
    timeLockMs: durationMs,
    executionRetryMs: durationMs,
    readAccess: fc.constantFrom('public', 'members'),
    roles: fc.array(record({ name: role, permissions: fc.subarray([...permissions]) }), {
      minLength: 1,
      maxLength: 4,
    }),
  },
  { requiredKeys: [], noNullPrototype: true },
)

export const arbitraryAction: fc.Arbitrary<Action> = fc.oneof(
  record({ do: fc.constant('charter'), change: arbitraryCharterChange }),
  record({ do: fc.constant('admit'), member: arbitraryDid }),
  record({ do: fc.constant('expel'), member: arbitraryDid, reason: text(0, 60) }),
  record({ do: fc.constant('grant-role'), member: arbitraryDid, role }),
  record({ do: fc.constant('revoke-role'), member: arbitraryDid, role }),
  record({
    do: fc.constant('bylaw'),
    bylaw: slug,
    title,
    baseVersion: uint(1_000_000),
    edits: fc.array(
      record({
        line: uint(100_000),
        remove: fc.array(text(0, 40), { maxLength: 2 }),
        insert: fc.array(text(0, 40), { maxLength: 2 }),
      }),
      { minLength: 1, maxLength: 2 },
    ),
  }),
  record({ do: fc.constant('standard'), text: text(0, 80) }),
  record({ do: fc.constant('admit-validator'), node: arbitraryLedgerId, power: uint(1_000_000, 1) }),
  record({ do: fc.constant('remove-validator'), validator: address, reason: text(0, 60) }),
  record({
    do: fc.constant('network-param'),
    change: fc.record(
      { maxValidators: uint(Limits.validators, 1), memberAllowance: allowance, strangerAllowance: allowance },
      { requiredKeys: [], noNullPrototype: true },
    ),
  }),
  record({ do: fc.constant('upgrade'), version: uint(1_000_000, 2), name, height: uint(MAX, 1) }),
  record({ do: fc.constant('cancel-upgrade') }),
)

const optionIndex = uint(Limits.optionsPerProposal - 1)
export const arbitraryBallot: fc.Arbitrary<Bodies['vote.cast']['ballot']> = fc.oneof(
  fc.constantFrom(...words),
  optionIndex,
  fc.array(optionIndex, { maxLength: 8 }),
  fc.array(fc.array(uint(1_000), { minLength: 1, maxLength: 4 }), { maxLength: 8 }),
)

const actions = fc.array(arbitraryAction, { maxLength: 2 })
const method = fc.constantFrom(...METHODS)
const signature = fc.uint8Array({ minLength: 64, maxLength: 64 }).map(toBase64Url)

const aboutNode = {
  moniker: name,
  roles: fc.array(fc.constantFrom('validator', 'storage', 'observer'), { minLength: 1, maxLength: 3 }),
  http: fc.array(fc.constantFrom('http://127.0.0.1:7420', 'https://node.example/icn'), {
    maxLength: Limits.endpointsPerNode,
  }),
  p2p: fc.array(fc.constantFrom('node.example:26656', `${'0a'.repeat(20)}@[::1]:26656`), {
    maxLength: Limits.endpointsPerNode,
  }),
  region: text(0, 64),
  capacityBytes: uint(),
} as const

/** One generator a kind. */
export const arbitraryBodies: { readonly [K in BodyKind]: fc.Arbitrary<Bodies[K]> } = {
  'identity.register': record({ kind: fc.constant('identity.register'), keys: keys(1), services }),
  'identity.rotate': record({
    kind: fc.constant('identity.rotate'),
    add: keys(0),
    revoke: fc.array(keyId, { maxLength: 3 }),
  }),
  'identity.services': record({ kind: fc.constant('identity.services'), services }),
  'identity.deactivate': record({ kind: fc.constant('identity.deactivate') }),
  'org.found': record({
    kind: fc.constant('org.found'),
    name,
    orgKind: fc.constantFrom('cooperative', 'community'),
    founderName: name,
    charter: arbitraryCharterChange,
  }),
  'member.invite': record({
    kind: fc.constant('member.invite'),
    org: arbitraryDid,
    invitationKey: arbitraryPublicKeyText,
    uses: uint(Limits.invitationUses, 1),
    expiresTimeMs: uint(),
    roles: fc.array(role, { maxLength: 3 }),
  }),
  'member.apply': record({
    kind: fc.constant('member.apply'),
    org: arbitraryDid,
    name,
    statement: text(0, 200),
    invitation: fc.option(record({ id: arbitraryLedgerId, proof: signature })),
  }),
  'member.admit': record({ kind: fc.constant('member.admit'), org: arbitraryDid, member: arbitraryDid }),
  'member.refuse': record({
    kind: fc.constant('member.refuse'),
    org: arbitraryDid,
    member: arbitraryDid,
    reason: text(0, 200),
  }),
  'member.leave': record({ kind: fc.constant('member.leave'), org: arbitraryDid }),
  'member.appeal': record({ kind: fc.constant('member.appeal'), org: arbitraryDid, statement: comment }),
  'role.grant': record({ kind: fc.constant('role.grant'), org: arbitraryDid, member: arbitraryDid, role }),
  'role.revoke': record({ kind: fc.constant('role.revoke'), org: arbitraryDid, member: arbitraryDid, role }),
  'proposal.new': record({
    kind: fc.constant('proposal.new'),
    org: arbitraryDid,
    type: proposalType,
    title,
    text: text(0, 500),
    method,
    options: fc.array(record({ label: title, actions, costMinor: uint() }), { maxLength: 3 }),
    actions,
    seats: uint(Limits.optionsPerProposal, 1),
    maxScore: uint(1_000),
    budgetMinor: uint(),
    discussionMs: fc.option(durationMs),
    votingMs: fc.option(votingMs),
    amends: fc.option(arbitraryLedgerId),
  }),
  'proposal.sponsor': record({ kind: fc.constant('proposal.sponsor'), proposal: arbitraryLedgerId }),
  'proposal.open': record({ kind: fc.constant('proposal.open'), proposal: arbitraryLedgerId }),
  'proposal.withdraw': record({ kind: fc.constant('proposal.withdraw'), proposal: arbitraryLedgerId }),
  'proposal.discuss': record({
    kind: fc.constant('proposal.discuss'),
    proposal: arbitraryLedgerId,
    text: comment,
    inReplyTo: fc.option(arbitraryLedgerId),
  }),
  'node.register': record({
    kind: fc.constant('node.register'),
    org: arbitraryDid,
    publicKey: arbitraryPublicKeyText,
    ...aboutNode,
    version,
  }),
  'node.update': record({ kind: fc.constant('node.update'), node: arbitraryLedgerId, ...aboutNode }),
  'node.drain': record({ kind: fc.constant('node.drain'), node: arbitraryLedgerId }),
  'node.maintenance': record({ kind: fc.constant('node.maintenance'), node: arbitraryLedgerId, untilTimeMs: uint() }),
  'node.resume': record({ kind: fc.constant('node.resume'), node: arbitraryLedgerId }),
  'node.retire': record({ kind: fc.constant('node.retire'), node: arbitraryLedgerId }),
  'node.heartbeat': record({
    kind: fc.constant('node.heartbeat'),
    node: arbitraryLedgerId,
    height: uint(),
    version,
    freeBytes: uint(),
  }),
  'validator.unjail': record({ kind: fc.constant('validator.unjail'), validator: address }),
  'validator.appeal': record({ kind: fc.constant('validator.appeal'), validator: address, statement: comment }),
  'network.open': record({ kind: fc.constant('network.open'), federation: arbitraryDid }),
  'vote.cast': record({
    kind: fc.constant('vote.cast'),
    proposal: arbitraryLedgerId,
    ballot: arbitraryBallot,
    reason: text(0, 100),
  }),
}

/** Bodies of every kind, each as likely. */
export const arbitraryBody: fc.Arbitrary<Body> = fc.oneof(
  ...(Object.keys(bodySchemas) as BodyKind[]).map((kind): fc.Arbitrary<Body> => arbitraryBodies[kind]),
)

/** A transaction of a did:key with the secret that signs it. */
export const arbitraryTransaction: fc.Arbitrary<{ readonly tx: Transaction; readonly seed: Uint8Array }> = record({
  seed: arbitrarySeed,
  chainId: arbitraryChainId,
  sequence: uint(),
  expiryHeight: uint(),
  body: arbitraryBody,
}).map(({ seed, chainId, sequence, expiryHeight, body }) => {
  const publicKey = publicKeyFromSeed(seed)
  const tx = {
    chainId,
    signer: didFromPublicKey(publicKey),
    keyId: publicKeyToText(publicKey),
    sequence,
    expiryHeight,
    body,
  }
  return { tx, seed }
})
