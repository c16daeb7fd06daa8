import {
  compareBytes,
  emptyLog,
  encodeCanonical,
  leafHash,
  rowPath,
  toHex,
  verifyAbsence,
  verifyRow,
} from '@icn/crypto'
import { createMachine } from '@icn/state-machine'
import { encodeRow, type Table } from '@icn/state-machine/kernel'
import { type Entry, naiveAbsence, naiveProof, naiveRoot } from '../../packages/crypto/test/naive-tree.ts'
import { GENESIS } from './blocks.ts'
import { ORG, PROPOSAL, SIGNER } from './bodies.ts'
import { ascii, withHex } from './json.ts'

const { modules } = createMachine({ genesis: GENESIS })

/** Every state table with its columns in the order in which a row is hashed. */
export function makeTables(): unknown {
  return modules.flatMap(({ name: module, tables }) =>
    tables.map(({ name, key, columns }) => ({
      module,
      table: name,
      key: Object.entries(key).map(([column, { kind }]) => ({ column, kind })),
      columns: Object.entries(columns).map(([column, { kind, optional }]) => ({ column, kind, optional })),
    })),
  )
}

export function tableOf(name: string): Table {
  const table = modules.flatMap(({ tables }) => tables).find((candidate) => candidate.name === name)
  if (table === undefined) throw new Error(`there is no table ${name}`)
  return table
}

export function makeRows(): unknown {
  const rows = [
    [
      'signer',
      { did: SIGNER, sequence: 7, allowanceMicro: 999_000_000, allowanceTimeMs: 1_700_000_000_000, memberships: 1 },
    ],
    ['vote', { proposal: PROPOSAL, voter: SIGNER, ballot: [[1], [0, 2]], position: 0, height: 9 }],
    ['ballot_box', { proposal: PROPOSAL, turnoutHeads: 0, log: emptyLog(), totals: null }],
    ['governance_deadline', { dueMs: 1_700_000_000_000, id: PROPOSAL, kind: 'voting-end' }],
    ['resolution', { org: ORG, proposal: PROPOSAL, index: 2, text: 'We open at six.', timeMs: 1_700_000_000_000 }],
  ] as const
  return rows.map(([name, row]) => {
    const table = tableOf(name)
    const values = row as Readonly<Record<string, unknown>>
    const key = table.keyNames.map((column) => values[column] as string | number)
    const path = rowPath(name, key)
    const value = encodeRow(table, values)
    const hexes = { path: toHex(path), value: toHex(value), leaf: toHex(leafHash(path, value)) }
    return { table: name, key, row, pathBytes: toHex(encodeCanonical([name, ...key])), ...hexes }
  })
}

/** Trees of 0 to 3 rows and of 8, each with a proof for every row, and proofs of absence. */
export function makeTrees(): unknown {
  const rows = Array.from({ length: 8 }, (_, i) => ({
    path: rowPath('row', [`r${i}`]),
    value: encodeCanonical([`r${i}`, i]),
  }))
  const missing = Array.from({ length: 5 }, (_, i) => rowPath('row', [`missing ${i}`]))
  const trees = [0, 1, 2, 3, 8].map((count) => treeOf(rows.slice(0, count), missing))
  const moduleTree = ['governance', 'identity', 'membership'].map((name) => ({
    path: rowPath('module', [name]),
    value: naiveRoot(rows.slice(0, name.length % 4)),
  }))
  return { trees, invalid: invalidProofs(rows.slice(0, 3)), modules: treeOf(moduleTree, []) }
}

function treeOf(rows: readonly Entry[], missing: readonly Uint8Array[]): unknown {
  const sorted = rows.toSorted((a, b) => compareBytes(a.path, b.path))
  const root = naiveRoot(sorted)
  const proofs = sorted.map((row) => naiveProof(sorted, row))
  const absences = missing.map((path) => naiveAbsence(sorted, path))
  if (!proofs.every((proof) => verifyRow(root, proof)) || !absences.every((absence) => verifyAbsence(root, absence))) {
    throw new Error('a proof does not lead to its root')
  }
  return withHex({ rows: sorted, root, proofs, absences })
}

function invalidProofs(rows: readonly Entry[]): unknown {
  const sorted = rows.toSorted((a, b) => compareBytes(a.path, b.path))
  const [first, middle, last] = sorted
  if (first === undefined || middle === undefined || last === undefined) throw new Error('three rows are needed')
  const root = naiveRoot(sorted)
  const proof = naiveProof(sorted, middle)
  const outer = { left: naiveProof(sorted, first), right: naiveProof(sorted, last) }
  return withHex({
    root,
    proofs: [
      { name: 'another value', proof: { ...proof, value: ascii('x') } },
      { name: 'a step left out', proof: { ...proof, steps: proof.steps.slice(1) } },
      { name: 'a step on the other side', proof: { ...proof, steps: proof.steps.map(turned) } },
      { name: 'another path', proof: { ...proof, path: first.path } },
    ],
    absences: [
      { name: 'neighbours with a row between them', absence: { path: middle.path, ...outer } },
      { name: 'no right neighbour of a row that is not the last', absence: { path: last.path, left: outer.left } },
      { name: 'no neighbours in a tree that is not empty', absence: { path: last.path } },
      { name: 'neighbours in the wrong order', absence: { path: middle.path, left: outer.right, right: outer.left } },
    ],
  })
}

function turned<S extends { readonly side: 'left' | 'right' }>(step: S): S {
  return { ...step, side: step.side === 'left' ? 'right' : 'left' }
}
