import { Type } from 'typebox'
import { Limits } from '../limits.ts'
import { KeyId, object, PublicKeyText } from './shared.ts'

export const IdentityKey = object({ id: KeyId, publicKey: PublicKeyText })
export const Service = object({
  id: KeyId,
  type: Type.String({ minLength: 1, maxLength: 64 }),
  endpoint: Type.String({
    pattern: '^https?://[!-~]{1,300}$',
    description: 'an address of printable ASCII beginning with https:// or http://, at most 300 characters after that',
  }),
})

/** The first operation of a did:icn: its identifier is the hash of this body, and one of its keys signs it. */
export const RegisterIdentity = object({
  kind: Type.Literal('identity.register'),
  keys: Type.Array(IdentityKey, { minItems: 1, maxItems: Limits.keysPerIdentity }),
  services: Type.Array(Service, { maxItems: Limits.servicesPerIdentity }),
})

/** Adds and revokes keys at once, so that a rotation is one transaction. */
export const RotateKeys = object({
  kind: Type.Literal('identity.rotate'),
  add: Type.Array(IdentityKey, { maxItems: Limits.keysPerIdentity }),
  revoke: Type.Array(KeyId, { maxItems: Limits.keysPerIdentity }),
})

export const SetServices = object({
  kind: Type.Literal('identity.services'),
  services: Type.Array(Service, { maxItems: Limits.servicesPerIdentity }),
})

export const DeactivateIdentity = object({ kind: Type.Literal('identity.deactivate') })
