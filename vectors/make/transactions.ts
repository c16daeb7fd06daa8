import { concatBytes, encodeCanonical, fromHex, publicKeyFromSeed, signDomain, toHex } from '@icn/crypto'
import {
  type Bodies,
  type BodyKind,
  identityDid,
  parseTransaction,
  publicKeyToText,
  rejectName,
  serializeTransaction,
  signTransaction,
  summarize,
  TRANSACTION_DOMAIN,
  type Transaction,
} from '@icn/protocol'
import { bodies, CHAIN, SIGNER, SIGNER_SEED } from './bodies.ts'

const KEY_ID = publicKeyToText(publicKeyFromSeed(SIGNER_SEED))

export function makeTransactions(): unknown {
  const kinds = Object.keys(bodies) as BodyKind[]
  return {
    accepted: [...kinds.map(transactionOf), { ...vote, body: applicationOf('😀'.repeat(120)) }].map(acceptedOf),
    refused: refused.map(([name, code, bytes]) => ({ name, code, bytes: toHex(bytes) })),
  }
}

function acceptedOf(tx: Transaction): unknown {
  const bytes = signTransaction(tx, SIGNER_SEED)
  const answer = parseTransaction(bytes)
  if (!answer.ok) throw new Error(`${tx.body.kind}: ${rejectName(answer.code)} ${JSON.stringify(answer.detail)}`)
  const { payload, signature, hash } = answer.parsed
  const hexes = { payload: toHex(payload), signature: toHex(signature), bytes: toHex(bytes), hash: toHex(hash) }
  return { kind: tx.body.kind, seed: toHex(SIGNER_SEED), tx, ...hexes, summary: summarize(tx) }
}

/** Lengths of texts count code points, not bytes and not UTF-16 units. */
function applicationOf(name: string): Bodies['member.apply'] {
  return { ...bodies['member.apply'], name }
}

/** Identities sign with a key of their document, everybody else here with a did:key. */
function transactionOf(kind: BodyKind, sequence: number): Transaction {
  const isIdentity = kind.startsWith('identity.')
  const signer = isIdentity ? identityDid(CHAIN, bodies['identity.register']) : SIGNER
  const keyId = isIdentity ? 'laptop' : KEY_ID
  return { chainId: CHAIN, signer, keyId, sequence, expiryHeight: 1_000 + sequence, body: bodies[kind] }
}

const vote: Transaction = transactionOf('vote.cast', 7)
const body = bodies['vote.cast']

const refused: readonly (readonly [name: string, code: string, bytes: Uint8Array])[] = [
  ['bytes after the list', 'NON_CANONICAL', concatBytes(signTransaction(vote, SIGNER_SEED), new Uint8Array(1))],
  ['bytes after the payload', 'NON_CANONICAL', signed(concatBytes(serializeTransaction(vote), new Uint8Array(1)))],
  ['a fraction in the payload', 'BAD_AMOUNT', signed(fromHex('a16161f93c00'))],
  ['a negative sequence', 'BAD_AMOUNT', signedValue({ ...vote, sequence: -1 })],
  ['a negative option in a ballot', 'BAD_AMOUNT', signedValue({ ...vote, body: { ...body, ballot: [-1] } })],
  ['a negative number in an unknown kind', 'BAD_AMOUNT', signedValue({ ...vote, body: { kind: 'x', n: -1 } })],
  ['the key __proto__', 'FORBIDDEN_KEY', signed(fromHex('a1695f5f70726f746f5f5f01'))],
  ['a list of three', 'BAD_BODY', encodeCanonical([serializeTransaction(vote), new Uint8Array(64), 0])],
  ['a payload that is no map', 'BAD_BODY', signedValue([])],
  ['a field missing', 'BAD_BODY', signedValue(withoutKeyId())],
  ['a field too many', 'BAD_BODY', signedValue({ ...vote, memo: '' })],
  ['a field too many in the body', 'BAD_BODY', signedValue({ ...vote, body: { ...body, memo: '' } })],
  ['a chain id in capitals', 'BAD_BODY', signedValue({ ...vote, chainId: 'Vectors' })],
  ['a ballot that is no ballot', 'BAD_BODY', signedValue({ ...vote, body: { ...body, ballot: 'maybe' } })],
  ['an option beyond 99', 'BAD_BODY', signedValue({ ...vote, body: { ...body, ballot: [100] } })],
  ['an empty group in a ranking', 'BAD_BODY', signedValue({ ...vote, body: { ...body, ballot: [[]] } })],
  ['a name of 121 code points', 'BAD_BODY', signedValue({ ...vote, body: applicationOf('😀'.repeat(121)) })],
  ['an unknown kind', 'UNKNOWN_KIND', signedValue({ ...vote, body: { kind: 'vote.uncast' } })],
  ['a signature of 63 bytes', 'BAD_SIGNATURE', encodeCanonical([serializeTransaction(vote), new Uint8Array(63)])],
]

function withoutKeyId(): unknown {
  const { keyId: _, ...rest } = vote
  return rest
}

function signedValue(value: unknown): Uint8Array {
  return signed(encodeCanonical(value))
}

function signed(payload: Uint8Array): Uint8Array {
  return encodeCanonical([payload, signDomain(TRANSACTION_DOMAIN, payload, SIGNER_SEED)])
}
