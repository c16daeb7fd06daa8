import { Type } from 'typebox'
import { Limits } from '../limits.ts'
import { DidText, Id, Name, object, PublicKeyText, TimeMs } from './shared.ts'

/** A validator as consensus names it. */
export const AddressText = Type.String({
  pattern: '^[0-9a-f]{40}$',
  description: 'the address of a validator: 40 lower-case hexadecimal digits',
})
export const NodeRole = Type.Enum(['validator', 'storage', 'observer'])
/** `1.4.0`, `1.4.0-rc.1+linux` */
export const VersionText = Type.String({
  pattern: '^[0-9A-Za-z][0-9A-Za-z.+-]{0,31}$',
  description: 'a version: at most 32 letters, digits, dots, plus signs and hyphens, such as 1.4.0',
})
const Bytes = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
const HttpAddress = Type.String({
  pattern: '^https?://[!-~]{1,300}$',
  description: 'an address of printable ASCII beginning with https:// or http://, at most 300 characters after that',
})
/** Where the node talks to others: `<40 hex>@host:26656`, or without the id. */
const PeerAddress = Type.String({
  pattern: '^([0-9a-f]{40}@)?[A-Za-z0-9.:_\\[\\]-]{1,253}:[0-9]{1,5}$',
  description: 'an address of a peer: host:port, or id@host:port with an id of 40 hexadecimal digits',
})

/** What an organization says of its node; an update says all of it again. */
const about = {
  /** What people call it. */
  moniker: Name,
  roles: Type.Array(NodeRole, { minItems: 1, maxItems: 3 }),
  /** Where clients reach it. */
  http: Type.Array(HttpAddress, { maxItems: Limits.endpointsPerNode }),
  p2p: Type.Array(PeerAddress, { maxItems: Limits.endpointsPerNode }),
  /** Where it stands, in the words of its operator: `eu-north`. */
  region: Type.String({ maxLength: 64 }),
  /** What it offers for storage. */
  capacityBytes: Bytes,
}

/** `publicKey` signs the node's heartbeats, and blocks where it is a validator; the first heartbeat proves that the node holds it. */
export const RegisterNode = object({
  kind: Type.Literal('node.register'),
  org: DidText,
  publicKey: PublicKeyText,
  ...about,
  version: VersionText,
})
export const UpdateNode = object({ kind: Type.Literal('node.update'), node: Id, ...about })
/** Nothing new is placed on it; what it holds is moved away. */
export const DrainNode = object({ kind: Type.Literal('node.drain'), node: Id })
/** Away until then, as announced. */
export const MaintainNode = object({ kind: Type.Literal('node.maintenance'), node: Id, untilTimeMs: TimeMs })
/** Ends draining or maintenance. */
export const ResumeNode = object({ kind: Type.Literal('node.resume'), node: Id })
/** For good. */
export const RetireNode = object({ kind: Type.Literal('node.retire'), node: Id })
/** Signed by the node's own key. */
export const Heartbeat = object({
  kind: Type.Literal('node.heartbeat'),
  node: Id,
  /** The last block that it has. */
  height: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }),
  version: VersionText,
  freeBytes: Bytes,
})

/** By an operator of the validator's node, or with the validator's own key. */
export const Unjail = object({ kind: Type.Literal('validator.unjail'), validator: AddressText })
/** Asks for a decision of the federation on a removal for misbehaviour; opens a proposal of its own. */
export const AppealSanction = object({
  kind: Type.Literal('validator.appeal'),
  validator: AddressText,
  statement: Type.String({ minLength: 1, maxLength: Limits.commentChars }),
})

/**
 * Names the organization that decides about validators from now on, once: by the key of the one validator of a genesis
 * that names no federation.
 */
export const OpenNetwork = object({ kind: Type.Literal('network.open'), federation: DidText })

/** How many transactions may be sent: at most `burst` at once, refilled by `perHour`. A million bursts of millionths stay within 2^53. */
export const Allowance = object({
  burst: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
  perHour: Type.Integer({ minimum: 1, maximum: 1_000_000_000 }),
})
export const MaxValidators = Type.Integer({ minimum: 1, maximum: Limits.validators })
export const Power = Type.Integer({ minimum: 1, maximum: 1_000_000 })

/** Parameters of the network that a decision changes; what is not named stays. */
const NetworkChange = Type.Partial(
  object({ maxValidators: MaxValidators, memberAllowance: Allowance, strangerAllowance: Allowance }),
  { additionalProperties: false },
)

/** What only the federation decides. */
export const networkActions = [
  object({ do: Type.Literal('admit-validator'), node: Id, power: Power }),
  object({
    do: Type.Literal('remove-validator'),
    validator: AddressText,
    reason: Type.String({ maxLength: Limits.commentChars }),
  }),
  object({ do: Type.Literal('network-param'), change: NetworkChange }),
  /** From this height on the rules of this version count. */
  object({
    do: Type.Literal('upgrade'),
    version: Type.Integer({ minimum: 2, maximum: 1_000_000 }),
    name: Name,
    height: Type.Integer({ minimum: 1, maximum: Number.MAX_SAFE_INTEGER }),
  }),
  object({ do: Type.Literal('cancel-upgrade') }),
] as const
