import {
  type IdentityKey,
  type IdentityRecord,
  identityDid,
  type ParsedTransaction,
  parseTransaction,
  publicKeyFromDid,
  publicKeyFromText,
  verifyTransaction,
} from '@icn/protocol'
import { demand } from './check.ts'

/** Keys of registered identities as their own signed transactions made them. */
export interface Identities {
  /** Whether a transaction is signed by its signer, with a key that the signer had at that sequence. */
  readonly isSigned: (parsed: ParsedTransaction) => boolean
}

/**
 * @param chainIds - of the network and of those it comes from
 * @throws AuditFailure for a record that does not follow from those before it
 */
export function checkIdentities(chainIds: readonly string[], records: readonly IdentityRecord[]): Identities {
  const bySigner = Map.groupBy(
    records.map(([, bytes]) => parsedOf(bytes, chainIds)),
    ({ tx }) => tx.signer,
  )
  const documents = new Map(Array.from(bySigner, ([did, own]) => [did, documentsOf(did, own)]))

  function isSigned(parsed: ParsedTransaction): boolean {
    const { signer, keyId, sequence } = parsed.tx
    const own = publicKeyFromDid(signer)
    if (own !== undefined) return signer.endsWith(`:${keyId}`) && verifyTransaction(parsed, own)
    const document = documents.get(signer)?.findLast((version) => version.sequence < sequence)
    return document !== undefined && isSignedBy(document.keys, parsed)
  }

  return { isSigned }
}

interface Version {
  /** Of the transaction that made it; those after it are signed by these keys. */
  readonly sequence: number
  readonly keys: readonly IdentityKey[]
}

function documentsOf(did: string, records: readonly ParsedTransaction[]): Version[] {
  const versions: Version[] = []
  for (const parsed of records.toSorted((a, b) => a.tx.sequence - b.tx.sequence)) {
    const { chainId, body, sequence } = parsed.tx
    const before = versions.at(-1)?.keys
    if (body.kind === 'identity.register') {
      demand(before === undefined && identityDid(chainId, body) === did, `${did} is the hash of its registration`)
      demand(isSignedBy(body.keys, parsed), `${did} is registered by one of its own keys`)
      versions.push({ sequence, keys: body.keys })
      continue
    }
    demand(before !== undefined && isSignedBy(before, parsed), `${did}: each change is signed by a key before it`)
    if (body.kind === 'identity.rotate') {
      versions.push({ sequence, keys: [...before.filter(({ id }) => !body.revoke.includes(id)), ...body.add] })
    } else if (body.kind === 'identity.deactivate') versions.push({ sequence, keys: [] })
  }
  return versions
}

function isSignedBy(keys: readonly IdentityKey[], parsed: ParsedTransaction): boolean {
  const key = keys.find(({ id }) => id === parsed.tx.keyId)
  const publicKey = key === undefined ? undefined : publicKeyFromText(key.publicKey)
  return publicKey !== undefined && verifyTransaction(parsed, publicKey)
}

/** A transaction of these networks out of its bytes. @throws AuditFailure */
export function parsedOf(bytes: Uint8Array, chainIds: readonly string[]): ParsedTransaction {
  const result = parseTransaction(bytes)
  demand(result.ok, 'every transaction in the bundle is well formed')
  demand(chainIds.includes(result.parsed.tx.chainId), 'every transaction in the bundle is of this network')
  return result.parsed
}
