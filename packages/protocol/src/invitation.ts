import { EncodingError, fromBase64Url, signDomain, toBase64Url, verifyDomain } from '@icn/crypto'
import { publicKeyFromText } from './did.ts'
import { INVITATION_DOMAIN } from './transaction.ts'

/** What an invitation's key signs for one applicant: UTF-8 of `<chain id> <invitation id> <applicant DID>`. */
export function invitationMessage(chainId: string, invitationId: string, applicantDid: string): Uint8Array {
  return new TextEncoder().encode(`${chainId} ${invitationId} ${applicantDid}`)
}

/** The `proof` of a `member.apply`. @param seed - the invitation's secret, 32 bytes */
export function proveInvitation(chainId: string, invitationId: string, applicantDid: string, seed: Uint8Array): string {
  const message = invitationMessage(chainId, invitationId, applicantDid)
  return toBase64Url(signDomain(INVITATION_DOMAIN, message, seed))
}

/** Whether `proof` is the invitation key's for this applicant. `false` for anything malformed. About 80 µs. */
export function verifyInvitation(message: Uint8Array, invitationKey: string, proof: string): boolean {
  const publicKey = publicKeyFromText(invitationKey)
  if (publicKey === undefined) return false
  try {
    return verifyDomain(INVITATION_DOMAIN, publicKey, message, fromBase64Url(proof))
  } catch (error) {
    if (error instanceof EncodingError) return false
    throw error
  }
}
