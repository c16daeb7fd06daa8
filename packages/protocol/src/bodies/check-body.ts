import { CanonicalError, decodeCanonical, encodeCanonical } from '@icn/crypto'
import { Limits } from '../limits.ts'
import { type Detail, TransactionReject } from '../rejects.ts'
import { checkBodyValue } from './check.ts'
import { pointer } from './explain.ts'
import type { Body } from './index.ts'

export type BodyCheck = { readonly ok: true; readonly body: Body } | Refusal

interface Refusal {
  readonly ok: false
  readonly code: TransactionReject
  readonly detail: Detail
}

/** What a payload holds besides its body: a map, six keys and five values. */
const ENVELOPE_ITEMS = 12
const LIMITS = {
  maxBytes: Limits.transactionBytes,
  maxDepth: Limits.nestingDepth - 1,
  maxItems: Limits.items - ENVELOPE_ITEMS,
}

/**
 * Checks a body that came as JSON, by the rules and with the codes that its bytes would meet.
 * Cost grows with the size of the value; bound the text before it is parsed.
 *
 * @param json - what `JSON.parse` answered
 */
export function checkBody(json: unknown): BodyCheck {
  const fault = findFault(json)
  if (fault !== undefined) return fault
  if (!isMap(json)) return refuse(TransactionReject.BAD_BODY, '', 'a map with the field kind')
  const { kind } = json
  if (typeof kind !== 'string') return refuse(TransactionReject.BAD_BODY, '/kind', 'the kind of a transaction, a text')
  const checked = checkBodyValue(json as { kind: string }, '')
  return checked.ok ? { ok: true, body: checked.value } : checked
}

/** The code is what the bytes meet first; where JSON has such a fault, the answer says at which place. */
function findFault(json: unknown): BodyCheck | undefined {
  const located = locateFault(json, '', Limits.nestingDepth - 1)
  try {
    decodeCanonical(encodeCanonical(json), LIMITS)
    return located
  } catch (error) {
    if (!(error instanceof CanonicalError)) throw error
    const code = TransactionReject[error.code]
    return located?.code === code ? located : refuse(code, '', error.message)
  }
}

function locateFault(value: unknown, at: string, depthLeft: number): Refusal | undefined {
  if (typeof value === 'number' && !(Number.isSafeInteger(value) && value >= 0 && !Object.is(value, -0))) {
    return refuse(TransactionReject.BAD_AMOUNT, at, 'an integer from 0 to 9007199254740991')
  }
  if (typeof value === 'string' && !value.isWellFormed()) {
    return refuse(TransactionReject.NON_CANONICAL, at, 'a text of whole Unicode characters')
  }
  if (typeof value !== 'object' || value === null) return undefined
  if (depthLeft === 0) return refuse(TransactionReject.NON_CANONICAL, at, 'fewer lists and maps within each other')
  for (const [key, inner] of Object.entries(value)) {
    const fault = findKeyFault(key, at) ?? locateFault(inner, `${at}/${pointer(key)}`, depthLeft - 1)
    if (fault !== undefined) return fault
  }
  return undefined
}

function findKeyFault(key: string, at: string): Refusal | undefined {
  if (key === '__proto__' || key === 'constructor' || key === 'prototype') {
    return refuse(TransactionReject.FORBIDDEN_KEY, `${at}/${key}`, 'another name for the field')
  }
  return key.isWellFormed() ? undefined : refuse(TransactionReject.NON_CANONICAL, at, 'keys of whole characters')
}

function refuse(code: TransactionReject, at: string, expected: string): Refusal {
  return { ok: false, code, detail: { at, expected } }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
