export { compareBytes, concatBytes, equalBytes } from './bytes.ts'
export { type CanonicalLimits, decodeCanonical } from './canonical-decode.ts'
export { encodeCanonical } from './canonical-encode.ts'
export { type CanonicalCode, CanonicalError } from './canonical-error.ts'
export { append, CborMajor, type CborWriter, writeBytes, writeHead } from './cbor-writer.ts'
export {
  domainMessage,
  generateSeed,
  isStrictPublicKey,
  publicKeyFromSeed,
  sign,
  signDomain,
  verifyDomain,
  verifyStrict,
} from './ed25519.ts'
export {
  appendLog,
  emptyLog,
  extendLog,
  growLog,
  type Log,
  type LogTree,
  logLeaf,
  logRoot,
  logTrees,
} from './log.ts'
export {
  type AbsenceProof,
  EMPTY_ROOT,
  innerHash,
  leafHash,
  ProofError,
  type ProofStep,
  type RowProof,
  rootFromProof,
  rowPath,
  verifyAbsence,
  verifyRow,
} from './merkle.ts'
export {
  type AbsenceProofJson,
  absenceProofFromJson,
  absenceProofToJson,
  type RowProofJson,
  rowProofFromJson,
  rowProofToJson,
} from './proof-json.ts'
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
