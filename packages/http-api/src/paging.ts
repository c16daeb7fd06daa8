import { nodeProblem } from './problem.ts'

interface PageQuery {
  readonly limit?: number
  readonly cursor?: string
}

/**
 * The page asked for: one row more than is shown tells whether another page follows.
 *
 * @param form - what a key of this list looks like
 * @throws RequestProblem 400 for a cursor that is none of it
 */
export function pageOf(
  { limit = 50, cursor }: PageQuery,
  form = /^[^\0]+$/,
): { readonly limit: number; readonly after?: string } {
  if (cursor === undefined) return { limit: limit + 1 }
  const after = Buffer.from(cursor, 'base64url').toString('utf8')
  if (Buffer.from(after).toString('base64url') !== cursor || !form.test(after)) {
    throw nodeProblem(
      400,
      'BAD_CURSOR',
      'The cursor is not one of this list.',
      'Use nextCursor of the page before, or none.',
    )
  }
  return { limit: limit + 1, after }
}

/** A list as the contract has it. @param keyOf - where the next page goes on */
export function pageAnswer<R, V>(
  rows: readonly R[],
  { limit = 50 }: PageQuery,
  keyOf: (row: R) => string,
  view: (row: R) => V,
): { items: V[]; nextCursor: string | null } {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const nextCursor = rows.length > limit && last !== undefined ? Buffer.from(keyOf(last)).toString('base64url') : null
  return { items: shown.map(view), nextCursor }
}
