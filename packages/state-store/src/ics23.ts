import type { ProofStep, RowProof } from '@icn/crypto'
import { assert, type StateProof } from '@icn/state-machine/kernel'

/*
 * ICS 23 as protobuf, by hand: the messages are few and fixed, and a writer takes less than any library.
 * @see https://github.com/cosmos/ics23/blob/master/proto/cosmos/ics23/v1/proofs.proto
 */
const HASH_SHA256 = 1
const LEAF_PREFIX = new TextEncoder().encode('icn:leaf')

/** The spec under which a verifier checks these proofs: path-compressed, inner nodes without prefix. */
export const PROOF_SPEC = {
  leafSpec: { hash: HASH_SHA256, prehashKey: 0, prehashValue: HASH_SHA256, length: 0, prefix: LEAF_PREFIX },
  innerSpec: {
    childOrder: [0, 1],
    childSize: 32,
    minPrefixLength: 0,
    maxPrefixLength: 0,
    emptyChild: new Uint8Array(0),
    hash: HASH_SHA256,
  },
  maxDepth: 256,
  minDepth: 0,
} as const

/** Two CommitmentProof messages: the row, or its absence, under its module's root; and that root under the app hash. */
export function toIcs23({ row, absence, moduleRoot }: StateProof): {
  readonly row: Uint8Array
  readonly module: Uint8Array
} {
  const module = field(1, existence(moduleRoot))
  if (row !== undefined) return { row: field(1, existence(row)), module }
  assert(absence !== undefined, 'a proof shows a row or its absence')
  const left = absence.left === undefined ? [] : [field(2, existence(absence.left))]
  const right = absence.right === undefined ? [] : [field(3, existence(absence.right))]
  return { row: field(2, Buffer.concat([field(1, absence.path), ...left, ...right])), module }
}

function existence({ path, value, steps }: RowProof): Uint8Array {
  return Buffer.concat([
    field(1, path),
    field(2, value),
    field(3, LEAF_OP),
    ...steps.map((step) => field(4, innerOp(step))),
  ])
}

const LEAF_OP = Buffer.concat([number(1, HASH_SHA256), number(3, HASH_SHA256), field(5, LEAF_PREFIX)])

/** The sibling stands before or after the child's hash. */
function innerOp({ side, hash }: ProofStep): Uint8Array {
  return Buffer.concat([number(1, HASH_SHA256), field(side === 'left' ? 2 : 3, hash)])
}

/** A length-delimited field. */
function field(id: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint((id << 3) | 2), varint(bytes.length), bytes])
}

function number(id: number, value: number): Buffer {
  return Buffer.concat([varint(id << 3), varint(value)])
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128)
  return Buffer.from([...bytes, rest])
}
