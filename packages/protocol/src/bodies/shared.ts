import { Type } from 'typebox'
import { Limits } from '../limits.ts'

/*
 * Bodies hold only texts, integers of 0 or more, booleans, null, lists and maps, so that JSON and DAG-CBOR say the same.
 * Lengths of texts count Unicode code points. A description completes the sentence "expected …".
 */
const closed = { additionalProperties: false } as const

export const object = <P extends Parameters<typeof Type.Object>[0]>(properties: P) => Type.Object(properties, closed)

export const ChainId = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,49}$',
  description: 'the id of a network: lower-case letters, digits and hyphens, at most 50',
})
export const DidText = Type.String({
  pattern: '^did:(key|icn):[a-zA-Z0-9:-]{1,160}$',
  maxLength: 180,
  description: 'a DID: did:key:z6Mk… or did:icn:…',
})
export const Id = Type.String({
  pattern: '^[a-z]{1,8}[0-9]{1,16}-[0-9]{1,10}-[a-z2-7]{6}$',
  maxLength: 48,
  description: 'an id of the ledger, such as p12-0-k3j5x2',
})
export const KeyId = Type.String({
  pattern: '^[a-zA-Z0-9._-]{1,64}$',
  description: 'a key id: 1 to 64 letters, digits, dots, hyphens and underscores',
})
/** `z6Mk…`: multibase base58btc of the multicodec-prefixed Ed25519 public key, as in did:key. */
export const PublicKeyText = Type.String({
  pattern: '^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$',
  description: 'an Ed25519 public key as did:key writes it: z6Mk and 44 characters of base58',
})
export const Name = Type.String({ minLength: 1, maxLength: Limits.nameChars })
export const Title = Type.String({ minLength: 1, maxLength: Limits.titleChars })
export const LongText = Type.String({ maxLength: Limits.textChars })
export const RoleName = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,31}$',
  description: 'the name of a role: a lower-case letter, then at most 31 lower-case letters, digits and hyphens',
})
export const Slug = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,63}$',
  description: 'a short name: at most 64 lower-case letters, digits and hyphens',
})
export const DurationMs = Type.Integer({ minimum: 0, maximum: Limits.votingMs.max })
export const TimeMs = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
/** Ed25519 signature, base64url without padding. */
export const SignatureText = Type.String({
  pattern: '^[A-Za-z0-9_-]{86}$',
  description: 'a signature: 86 characters of base64url',
})
