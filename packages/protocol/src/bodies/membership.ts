import { Type } from 'typebox'
import { Limits } from '../limits.ts'
import { CharterChange } from './charter.ts'
import { DidText, Id, Name, object, PublicKeyText, RoleName, SignatureText, TimeMs } from './shared.ts'

export const FoundOrganization = object({
  kind: Type.Literal('org.found'),
  name: Name,
  orgKind: Type.Union([Type.Literal('cooperative'), Type.Literal('community')]),
  /** Name under which the founder is listed. */
  founderName: Name,
  charter: CharterChange,
})

/** The invitation's own key pair stays with who invites and is handed over; only its public key is on the ledger. */
export const InviteMember = object({
  kind: Type.Literal('member.invite'),
  org: DidText,
  invitationKey: PublicKeyText,
  uses: Type.Integer({ minimum: 1, maximum: Limits.invitationUses }),
  expiresTimeMs: TimeMs,
  /** Granted on joining, besides `member`. */
  roles: Type.Array(RoleName, { maxItems: Limits.rolesPerMember }),
})

/** `proof`: signature of the invitation's key over domain `icn:invitation:1` and `<chain id> <invitation> <applicant DID>`. */
export const ApplyForMembership = object({
  kind: Type.Literal('member.apply'),
  org: DidText,
  name: Name,
  statement: Type.String({ maxLength: Limits.commentChars }),
  invitation: Type.Union([Type.Null(), object({ id: Id, proof: SignatureText })]),
})

export const AdmitMember = object({ kind: Type.Literal('member.admit'), org: DidText, member: DidText })
export const RefuseApplicant = object({
  kind: Type.Literal('member.refuse'),
  org: DidText,
  member: DidText,
  reason: Type.String({ maxLength: Limits.commentChars }),
})
export const LeaveOrganization = object({ kind: Type.Literal('member.leave'), org: DidText })
export const GrantRole = object({ kind: Type.Literal('role.grant'), org: DidText, member: DidText, role: RoleName })
export const RevokeRole = object({ kind: Type.Literal('role.revoke'), org: DidText, member: DidText, role: RoleName })
