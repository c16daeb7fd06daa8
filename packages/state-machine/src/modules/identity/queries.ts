import { didFromPublicKey, type IdentityKey, parseDid, publicKeyToText, type Service } from '@icn/protocol'
import type { SqlReader } from '../../kernel/index.ts'

/** A DID document as W3C DID Core 1.0 has it. */
export type DidDocument = Readonly<Record<string, unknown>>

/** What a resolution answers; times in milliseconds, `undefined` document: not found. */
export interface DidResolution {
  readonly document: DidDocument | undefined
  readonly createdMs?: number
  readonly updatedMs?: number
  readonly versionId?: string
  readonly deactivated: boolean
}

/** Which version of a document; nothing: the present one. */
interface VersionRequest {
  readonly versionId?: string
  readonly height?: number
  readonly timeMs?: number
}

export interface SignerFacts {
  readonly sequence: number
  readonly allowanceMicro: number
  readonly allowanceTimeMs: number
  readonly memberships: number
}

interface VersionRow {
  readonly version: number
  readonly timeMs: number
  readonly status: string
  readonly keys: string
  readonly services: string
}

const CONTEXT = ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1']
const NOT_FOUND: DidResolution = { document: undefined, deactivated: false }

/** Sequence and allowance of a DID; `undefined` where it has never signed and joined nothing. */
export function getSigner(sql: SqlReader, did: string): SignerFacts | undefined {
  return sql.get<SignerFacts>(
    'SELECT sequence, allowanceMicro, allowanceTimeMs, memberships FROM signer WHERE did = ?',
    did,
  )
}

/** What strangers together have left; `undefined` where none has come yet, and all of it is left. */
export function getStrangerPool(sql: SqlReader): Pick<SignerFacts, 'allowanceMicro' | 'allowanceTimeMs'> | undefined {
  return sql.get('SELECT allowanceMicro, allowanceTimeMs FROM stranger_pool WHERE id = ?', 'all')
}

/**
 * Resolves a DID: a did:key by itself, an organization's to a document without keys, a registered did:icn as it is, or
 * as it was in a version, at a height or at a time.
 *
 * @see https://www.w3.org/TR/did-1.0/ and https://www.w3.org/TR/did-resolution/
 */
export function resolveDid(sql: SqlReader, did: string, at: VersionRequest): DidResolution {
  const parsed = parseDid(did)
  if (parsed?.method === 'key') return { document: keyDocument(parsed.publicKey), deactivated: false }
  if (parsed === undefined) return NOT_FOUND
  return resolveOrganization(sql, did) ?? resolveIdentity(sql, did, at)
}

function resolveIdentity(sql: SqlReader, did: string, at: VersionRequest): DidResolution {
  const columns = 'SELECT version, timeMs, status, keys, services FROM identity_version WHERE did = ?'
  const first = sql.get<VersionRow>(`${columns} AND version = 1`, did)
  const row =
    at.versionId === undefined
      ? sql.get<VersionRow>(
          `${columns} AND height <= ? AND timeMs <= ? ORDER BY version DESC LIMIT 1`,
          did,
          at.height ?? Number.MAX_SAFE_INTEGER,
          at.timeMs ?? Number.MAX_SAFE_INTEGER,
        )
      : sql.get<VersionRow>(`${columns} AND version = ?`, did, Number(at.versionId))
  if (row === undefined || first === undefined) return NOT_FOUND
  const deactivated = row.status !== 'active'
  const versionId = String(row.version)
  return {
    document: identityDocument(did, row),
    createdMs: first.timeMs,
    updatedMs: row.timeMs,
    versionId,
    deactivated,
  }
}

function resolveOrganization(sql: SqlReader, did: string): DidResolution | undefined {
  const row = sql.get<{ foundedTimeMs: number }>('SELECT foundedTimeMs FROM organization WHERE did = ?', did)
  if (row === undefined) return undefined
  return { document: { '@context': CONTEXT, id: did }, createdMs: row.foundedTimeMs, deactivated: false }
}

function identityDocument(did: string, row: VersionRow): DidDocument {
  const keys = JSON.parse(row.keys) as IdentityKey[]
  const services = JSON.parse(row.services) as Service[]
  const service = services.map(({ id, type, endpoint }) => ({ id: `${did}#${id}`, type, serviceEndpoint: endpoint }))
  return document(did, keys, service.length === 0 ? {} : { service })
}

function keyDocument(publicKey: Uint8Array): DidDocument {
  const text = publicKeyToText(publicKey)
  return document(didFromPublicKey(publicKey), [{ id: text, publicKey: text }], {})
}

function document(did: string, keys: readonly IdentityKey[], more: Readonly<Record<string, unknown>>): DidDocument {
  const ids = keys.map(({ id }) => `${did}#${id}`)
  const verificationMethod = keys.map(({ publicKey }, index) => ({
    id: ids[index],
    type: 'Multikey',
    controller: did,
    publicKeyMultibase: publicKey,
  }))
  return { '@context': CONTEXT, id: did, verificationMethod, authentication: ids, assertionMethod: ids, ...more }
}
