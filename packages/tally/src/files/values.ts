import { MalformedFile, type Place, quote } from './malformed-file.ts'
import { MAX_NAME_CHARS } from './source.ts'

/**
 * A whole number in plain digits, `min` to `max` (2^53 − 1 unless told).
 *
 * @throws MalformedFile `BAD_NUMBER`
 */
export function parseWhole(text: string, what: string, place: Place, min = 0, max = Number.MAX_SAFE_INTEGER): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : -1
  if (value >= min && value <= max) return value
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min} to 2^53 − 1` : `from ${min} to ${max}`
  throw new MalformedFile('BAD_NUMBER', place, `${what} is ${quote(text)}; expected a whole number ${range}`)
}

/** The sum of counts, which must stay exact. */
export function addWhole(sum: number, more: number, what: string, place: Place): number {
  const result = sum + more
  if (result <= Number.MAX_SAFE_INTEGER) return result
  throw new MalformedFile('BAD_NUMBER', place, `${what} together exceed 2^53 − 1`)
}

/**
 * A name: trimmed, of 1 to 4,096 characters.
 *
 * @throws MalformedFile `BAD_NAME`
 */
export function parseName(text: string, what: string, place: Place): string {
  const name = text.trim()
  if (name === '') throw new MalformedFile('BAD_NAME', place, `${what} is empty`)
  if (name.length > MAX_NAME_CHARS)
    throw new MalformedFile('BAD_NAME', place, `${what} has ${name.length} characters, at most ${MAX_NAME_CHARS}`)
  return name
}

/** A decimal number of a file, exact: `digits` without its point, of which the last `decimals` follow the point. */
export interface Decimal {
  readonly digits: string
  readonly decimals: number
}

/**
 * A decimal number that is not negative, with a point or a comma. A comma before exactly three digits is refused: `1,000`
 * is a thousand to some and one to others.
 *
 * @throws MalformedFile `BAD_NUMBER` for anything else, and beyond 6 decimals
 */
export function parseDecimal(text: string, what: string, place: Place): Decimal {
  const [, whole, point, rest = ''] = /^(\d{1,16})(?:([.,])(\d{1,16}))?$/.exec(text) ?? []
  const fraction = rest.replace(/0+$/, '')
  if (whole !== undefined && fraction.length <= 6 && !(point === ',' && rest.length === 3))
    return { digits: whole + fraction, decimals: fraction.length }
  throw new MalformedFile('BAD_NUMBER', place, `${what} is ${quote(text)}; expected a number such as 1200 or 1200.50`)
}

/** `value` in units of 10^−decimals. @throws MalformedFile `BAD_NUMBER` beyond 2^53 − 1 */
export function toMinor(value: Decimal, decimals: number, what: string, place: Place): number {
  const digits = value.digits + '0'.repeat(decimals - value.decimals)
  const minor = Number(digits)
  if (digits.length <= 23 && minor <= Number.MAX_SAFE_INTEGER) return minor
  throw new MalformedFile('BAD_NUMBER', place, `${what} exceeds 2^53 − 1 in units of 10^−${decimals}`)
}

/** An amount as the file writes it: a whole number where it is one, else a decimal text such as `1200.5`. */
export function fromMinor(minor: number, decimals: number): number | string {
  const digits = String(minor).padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals)
  const fraction = digits.slice(digits.length - decimals).replace(/0+$/, '')
  return fraction === '' ? Number(whole) : `${whole}.${fraction}`
}
