import { domainMessage, publicKeyFromSeed, signDomain, toHex } from '@icn/crypto'
import { didFromPublicKey, publicKeyToText } from '@icn/protocol'
import { ascii, seedOf } from './json.ts'

/** RFC 8032 test 1, so that a signer can be compared with the standard before the domain comes in. */
const RFC_SEED = Uint8Array.from(Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex'))

export function makeSignatures(): unknown {
  const domains = ['icn:tx:1', 'icn:header:1', 'icn:invitation:1', 'icn:sign-in:1']
  const payloads = [new Uint8Array(0), ascii('The same bytes in every domain'), new Uint8Array(200).fill(0xa5)]
  const seeds = [RFC_SEED, seedOf(1), seedOf(2)]
  return {
    signed: domains.flatMap((domain, i) =>
      payloads.map((payload, j) => {
        const seed = seeds[(i + j) % seeds.length] ?? RFC_SEED
        const publicKey = publicKeyFromSeed(seed)
        return {
          seed: toHex(seed),
          publicKey: toHex(publicKey),
          keyText: publicKeyToText(publicKey),
          did: didFromPublicKey(publicKey),
          domain,
          payload: toHex(payload),
          message: toHex(domainMessage(domain, payload)),
          signature: toHex(signDomain(domain, payload, seed)),
        }
      }),
    ),
  }
}
