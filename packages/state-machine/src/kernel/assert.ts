/** A bug in this program, never bad input. The node halts: it must not sign a root it cannot trust. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
}

/** Crashes when what must always hold does not; the message names the invariant. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message)
}
