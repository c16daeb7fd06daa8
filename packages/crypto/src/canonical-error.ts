/**
 * Why bytes or a value are not in the canonical form:
 * `BAD_AMOUNT` a number that is not an integer within ±(2^53 − 1), or −0; `FORBIDDEN_KEY` a key that JavaScript gives
 * a meaning; `TOO_LARGE` more bytes or items than the limits allow; `NON_CANONICAL` everything else.
 */
export type CanonicalCode = 'NON_CANONICAL' | 'BAD_AMOUNT' | 'FORBIDDEN_KEY' | 'TOO_LARGE'

/** Bytes or a value that have no canonical form; the message says what was found and where. */
export class CanonicalError extends Error {
  override readonly name = 'CanonicalError'
  readonly code: CanonicalCode

  constructor(code: CanonicalCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Keys that could reach an object's prototype in a careless reader. */
export function isForbiddenKey(key: string): boolean {
  return key === '__proto__' || key === 'constructor' || key === 'prototype'
}

/** Containers within containers, at most, in what is written and by default in what is read. */
export const MAX_DEPTH = 16
