import { type AbsenceProof, ProofError, type ProofStep, type RowProof } from './merkle.ts'
import { EncodingError, fromHex, toHex } from './text.ts'

/** A proof as JSON; all bytes are lower-case hexadecimal. In DAG-CBOR a proof is its own plain value. */
export interface RowProofJson {
  readonly path: string
  readonly value: string
  readonly steps: readonly { readonly side: 'left' | 'right'; readonly hash: string }[]
}

export interface AbsenceProofJson {
  readonly path: string
  readonly left?: RowProofJson
  readonly right?: RowProofJson
}

export function rowProofToJson(proof: RowProof): RowProofJson {
  const steps = proof.steps.map(({ side, hash }) => ({ side, hash: toHex(hash) }))
  return { path: toHex(proof.path), value: toHex(proof.value), steps }
}

/** @throws ProofError for anything that `rowProofToJson` does not write */
export function rowProofFromJson(json: unknown): RowProof {
  const { path, value, steps } = asObject(json, 'a proof')
  if (!Array.isArray(steps) || steps.length > 256) throw new ProofError('expected at most 256 steps')
  return { path: asHash(path, 'path'), value: asBytes(value, 'value'), steps: steps.map(stepFromJson) }
}

export function absenceProofToJson(proof: AbsenceProof): AbsenceProofJson {
  return {
    path: toHex(proof.path),
    ...(proof.left === undefined ? {} : { left: rowProofToJson(proof.left) }),
    ...(proof.right === undefined ? {} : { right: rowProofToJson(proof.right) }),
  }
}

/** @throws ProofError for anything that `absenceProofToJson` does not write */
export function absenceProofFromJson(json: unknown): AbsenceProof {
  const { path, left, right } = asObject(json, 'a proof of absence')
  return {
    path: asHash(path, 'path'),
    ...(left === undefined ? {} : { left: rowProofFromJson(left) }),
    ...(right === undefined ? {} : { right: rowProofFromJson(right) }),
  }
}

function stepFromJson(json: unknown): ProofStep {
  const { side, hash } = asObject(json, 'a step')
  if (side !== 'left' && side !== 'right') throw new ProofError('expected a side, left or right')
  return { side, hash: asHash(hash, 'hash') }
}

function asObject(json: unknown, what: string): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new ProofError(`expected ${what}`)
  return json as Record<string, unknown>
}

function asBytes(text: unknown, what: string): Uint8Array {
  if (typeof text !== 'string') throw new ProofError(`expected ${what} as hexadecimal text`)
  try {
    return fromHex(text)
  } catch (cause) {
    if (cause instanceof EncodingError) throw new ProofError(`${what}: ${cause.message}`, { cause })
    throw cause
  }
}

function asHash(text: unknown, what: string): Uint8Array {
  const bytes = asBytes(text, what)
  if (bytes.length !== 32) throw new ProofError(`expected ${what} of 32 bytes, got ${bytes.length}`)
  return bytes
}
