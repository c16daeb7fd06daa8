/**
 * Lets a reader in another thread begin exactly between two blocks. Shared memory of one word, since the writer must
 * neither wait for messages nor go on before the reader's transaction stands.
 */
export type Gate = Int32Array<SharedArrayBuffer>

const CLOSED = 0
/** The block is on the disk, and the writer waits. */
const OPEN = 1
/** The reader's transaction stands. */
const PASSED = 2
/** The writer has gone on without the reader. */
const MISSED = 3

/** No block may wait longer: a reader that is not there by then comes too late. */
const LONGEST_MS = 2_000

export function createGate(): Gate {
  return new Int32Array(new SharedArrayBuffer(4))
}

/** The writer's part, between two blocks: lets the reader in, and waits until it is. */
export function letIn(gate: Gate): void {
  Atomics.store(gate, 0, OPEN)
  Atomics.notify(gate, 0)
  if (Atomics.wait(gate, 0, OPEN, LONGEST_MS) === 'timed-out') Atomics.compareExchange(gate, 0, OPEN, MISSED)
}

/** The reader's part: waits until it may begin. The wait is the whole thread's. */
export function waitBefore(gate: Gate): void {
  while (Atomics.load(gate, 0) === CLOSED) Atomics.wait(gate, 0, CLOSED)
}

/** Says that the reader's transaction stands. @returns whether the writer has waited for it */
export function pass(gate: Gate): boolean {
  const isInTime = Atomics.compareExchange(gate, 0, OPEN, PASSED) === OPEN
  Atomics.notify(gate, 0)
  return isInTime
}
