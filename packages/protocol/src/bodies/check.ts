import { Type } from 'typebox'
import { Compile } from 'typebox/compile'
import { type Detail, TransactionReject } from '../rejects.ts'
import { explain, pointer, type Schema } from './explain.ts'
import { type Body, type BodyKind, bodySchemas } from './index.ts'
import { ChainId, DidText, KeyId, object } from './shared.ts'

export type Check<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: TransactionReject; readonly detail: Detail }

type Test = (value: unknown) => boolean

const Sequence = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER })
/** Any body fits here; it is checked by its kind afterwards. */
const Envelope = object({
  chainId: ChainId,
  signer: DidText,
  keyId: KeyId,
  sequence: Sequence,
  expiryHeight: Sequence,
  body: Type.Object({ kind: Type.String() }),
})

let testEnvelope: Test | undefined
// PERF: compiling all kinds takes 30 ms, so each is compiled when its first body comes; a check then takes 0.2 µs.
const tests = new Map<BodyKind, Test>()

/** Whether a value has all fields of a transaction, and a body with a kind; the body itself is not looked into. */
export function checkEnvelope(value: unknown): Check<{ readonly body: { readonly kind: string } }> {
  testEnvelope ??= testOf(Envelope)
  if (testEnvelope(value)) return { ok: true, value: value as { body: { kind: string } } }
  return refuse(Envelope as Schema, value, '')
}

/**
 * Whether a plain value is a body of its kind. Numbers are integers within ±(2^53 − 1) already.
 *
 * @param at - where the body stands, for the JSON pointer of the detail
 */
export function checkBodyValue(body: { readonly kind: string }, at: string): Check<Body> {
  const { kind } = body
  if (!isBodyKind(kind)) {
    const negative = refuseNegative(body, at)
    return negative ?? { ok: false, code: TransactionReject.UNKNOWN_KIND, detail: { kind: kind.slice(0, 64) } }
  }
  if (testOfKind(kind)(body)) return { ok: true, value: body as Body }
  return refuse(bodySchemas[kind] as Schema, body, at)
}

export function isBodyKind(kind: string): kind is BodyKind {
  return Object.hasOwn(bodySchemas, kind)
}

function testOfKind(kind: BodyKind): Test {
  let test = tests.get(kind)
  if (test === undefined) {
    test = testOf(bodySchemas[kind])
    tests.set(kind, test)
  }
  return test
}

function testOf(schema: Type.TSchema): Test {
  const validator = Compile(schema)
  return (value) => validator.Check(value)
}

/** No schema has room for a negative integer, so wherever one stands it is refused as an amount. */
function refuse(schema: Schema, value: unknown, at: string): Check<never> {
  const negative = refuseNegative(value, at)
  if (negative !== undefined) return negative
  const { at: where, expected } = explain(schema, value, at) ?? { at, expected: 'something else' }
  return { ok: false, code: TransactionReject.BAD_BODY, detail: { at: where, expected } }
}

function refuseNegative(value: unknown, at: string): Check<never> | undefined {
  const where = findNegative(value, at)
  if (where === undefined) return undefined
  return { ok: false, code: TransactionReject.BAD_AMOUNT, detail: { at: where, expected: 'an integer of 0 or more' } }
}

function findNegative(value: unknown, at: string): string | undefined {
  if (typeof value === 'number') return value < 0 ? at : undefined
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return undefined
  for (const [key, inner] of Object.entries(value)) {
    const found = findNegative(inner, `${at}/${pointer(key)}`)
    if (found !== undefined) return found
  }
  return undefined
}
