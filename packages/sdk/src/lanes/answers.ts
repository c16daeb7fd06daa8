import { fromBase64Url } from '@icn/crypto'
import type { AnswerOf, RouteName } from '@icn/http-api/contract'
import { ApiError } from '../client/errors.ts'
import { LaneNotProved } from './lane-not-proved.ts'

/** An answer of a node that nobody trusts: its type is what it should be. */
export type Answer<N extends RouteName> = AnswerOf<N>

/** Reads an answer. @throws LaneNotProved `MALFORMED` where it is not what it should be */
export function understood<T>(what: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof LaneNotProved) throw cause
    throw new LaneNotProved('MALFORMED', `${what} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

/** What was asked for; `undefined` where the node refuses with this name. */
export async function orUndefined<T>(asked: Promise<T>, reason: string): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ApiError && error.reason === reason) return undefined
    throw error
  }
}

/** Base64url without padding, whatever its type says. */
export function bytesOf(text: unknown): Uint8Array {
  if (typeof text !== 'string') throw new TypeError('expected base64url')
  return fromBase64Url(text)
}
