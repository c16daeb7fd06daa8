import { base32nopad, base58, base64urlnopad, hex } from '@scure/base'

/** A text is not in the encoding it should be in. */
export class EncodingError extends Error {
  override readonly name = 'EncodingError'
  readonly code = 'BAD_ENCODING'
}

function decodeText(encoding: string, decode: (text: string) => Uint8Array, text: string): Uint8Array {
  try {
    return decode(text)
  } catch (cause) {
    throw new EncodingError(`expected ${encoding}, got ${JSON.stringify(text.slice(0, 80))}`, { cause })
  }
}

/** Lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return hex.encode(bytes)
}

/** @throws EncodingError unless `text` is lower-case hexadecimal of even length */
export function fromHex(text: string): Uint8Array {
  if (!/^[0-9a-f]*$/.test(text))
    throw new EncodingError(`expected lower-case hex, got ${JSON.stringify(text.slice(0, 80))}`)
  return decodeText('lower-case hex', hex.decode, text)
}

/** RFC 4648 base32, lower case, without padding. */
export function toBase32(bytes: Uint8Array): string {
  return base32nopad.encode(bytes).toLowerCase()
}

/** @throws EncodingError unless `text` is what `toBase32` writes */
export function fromBase32(text: string): Uint8Array {
  if (!/^[a-z2-7]*$/.test(text))
    throw new EncodingError(`expected lower-case base32, got ${JSON.stringify(text.slice(0, 80))}`)
  return decodeText('lower-case base32', (lower) => base32nopad.decode(lower.toUpperCase()), text)
}

/** Base58 with the Bitcoin alphabet, as did:key and multibase `z` use it. Cost is quadratic: for keys, not for files. */
export function toBase58(bytes: Uint8Array): string {
  return base58.encode(bytes)
}

/** @throws EncodingError unless `text` is base58 of at most 256 characters, since decoding is quadratic */
export function fromBase58(text: string): Uint8Array {
  if (text.length > 256) throw new EncodingError(`expected at most 256 characters of base58, got ${text.length}`)
  return decodeText('base58', base58.decode, text)
}

/** RFC 4648 base64url without padding. */
export function toBase64Url(bytes: Uint8Array): string {
  return base64urlnopad.encode(bytes)
}

/** @throws EncodingError unless `text` is what `toBase64Url` writes: no padding, no stray bits */
export function fromBase64Url(text: string): Uint8Array {
  return decodeText('base64url without padding', base64urlnopad.decode, text)
}
