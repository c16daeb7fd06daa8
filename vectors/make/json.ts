import { toHex } from '@icn/crypto'

/**
 * A value that may hold byte strings as JSON: bytes stand as `{"/":{"bytes":"<base64 without padding>"}}`.
 *
 * @see https://ipld.io/specs/codecs/dag-json/spec/
 */
export function toDagJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return { '/': { bytes: Buffer.from(value).toString('base64').replaceAll('=', '') } }
  if (Array.isArray(value)) return value.map(toDagJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, toDagJson(inner)]))
}

/** A plain structure with every byte string in hexadecimal: for fields whose kind the README says. */
export function withHex(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value)
  if (Array.isArray(value)) return value.map(withHex)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withHex(inner)]))
}

/** 32 bytes, all the same: a secret that nobody mistakes for a real one. */
export function seedOf(fill: number): Uint8Array {
  return new Uint8Array(32).fill(fill)
}

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}
