import type { Problem } from '@icn/http-api/contract'

/** The node refused; `code` and `name` are stable, `hint` says what would be right. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  readonly code: number
  /** Stable name of the refusal: `BAD_SEQUENCE`. */
  readonly reason: string
  readonly hint: string
  /** The whole problem document. */
  readonly problem: Problem & Readonly<Record<string, unknown>>

  constructor(problem: Problem & Readonly<Record<string, unknown>>) {
    super(problem.detail)
    this.status = problem.status
    this.code = problem.code
    this.reason = problem.name
    this.hint = problem.hint
    this.problem = problem
  }
}

/** No node answers at this address, or what answers is none. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
  readonly code = 'UNREACHABLE'
}

/** The node answers what cannot be true: another network than was meant, or the receipt of something else. */
export class DishonestNode extends Error {
  override readonly name = 'DishonestNode'
  readonly code = 'DISHONEST_NODE'
}

/** The error that an answer without success stands for. */
export async function problemOf(response: Response, url: string): Promise<Error> {
  const text = await response.text()
  try {
    const problem = JSON.parse(text) as Problem & Record<string, unknown>
    if (typeof problem.name === 'string') return new ApiError(problem)
  } catch {
    // No problem document: whatever answered is no node.
  }
  return new Unreachable(`what answers at ${url} is no node: status ${response.status}`)
}
