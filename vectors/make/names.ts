import { publicKeyFromSeed, toHex } from '@icn/crypto'
import {
  didFromPublicKey,
  identityDid,
  invitationMessage,
  ledgerId,
  organizationDid,
  proveInvitation,
  publicKeyToText,
} from '@icn/protocol'
import { bodies, CHAIN } from './bodies.ts'
import { seedOf } from './json.ts'

export function makeNames(): unknown {
  return {
    keys: [0, 1, 2, 3, 255].map((fill) => {
      const publicKey = publicKeyFromSeed(seedOf(fill))
      const texts = { keyText: publicKeyToText(publicKey), did: didFromPublicKey(publicKey) }
      return { seed: toHex(seedOf(fill)), publicKey: toHex(publicKey), ...texts }
    }),
    notKeys: [
      ['another kind of key', 'z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc'],
      ['a letter that base58 leaves out', `z6Mk0${'a'.repeat(43)}`],
      ['cut short', 'z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2do'],
      ['no multibase', '6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK1'],
    ].map(([name, keyText]) => ({ name, keyText })),
    identities: [CHAIN, 'other-network'].map((chainId) => {
      const body = bodies['identity.register']
      return { chainId, body, did: identityDid(chainId, body) }
    }),
    ids: [
      ['o', 1, 0, 0],
      ['i', 12, 3, 1],
      ['p', 1_000_000, 4_321, 2],
      ['c', 7, 0, 3],
    ].map(([kind, height, index, fill]) => {
      const seed = seedOf(Number(fill))
      const id = ledgerId(String(kind), Number(height), Number(index), seed)
      return { kind, height, index, seed: toHex(seed), id }
    }),
    organizations: [{ chainId: CHAIN, id: 'o2-0-k3j5x2', did: organizationDid(CHAIN, 'o2-0-k3j5x2') }],
    invitations: [1, 2].map((fill) => {
      const [seed, applicant] = [seedOf(9), didFromPublicKey(publicKeyFromSeed(seedOf(fill)))]
      const parts = [CHAIN, 'i3-0-aaaaaa', applicant] as const
      return {
        seed: toHex(seed),
        invitationKey: publicKeyToText(publicKeyFromSeed(seed)),
        chainId: CHAIN,
        invitation: 'i3-0-aaaaaa',
        applicant,
        message: toHex(invitationMessage(...parts)),
        proof: proveInvitation(...parts, seed),
      }
    }),
  }
}
