export { compareBytes, concatBytes, equalBytes } from './bytes.ts'
export { type CanonicalLimits, decodeCanonical } from './canonical-decode.ts'
export { encodeCanonical } from './canonical-encode.ts'
export { type CanonicalCode, CanonicalError } from './canonical-error.ts'
export { sha256 } from './sha256.ts'
export {
  EncodingError,
  fromBase32,
  fromBase58,
  fromBase64Url,
  fromHex,
  toBase32,
  toBase58,
  toBase64Url,
  toHex,
} from './text.ts'
