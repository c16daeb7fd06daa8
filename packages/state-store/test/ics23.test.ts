import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ics23, verifyMembership, verifyNonMembership } from '@confio/ics23'
import { rowPath } from '@icn/crypto'
import {
  defineTable,
  encodeRow,
  NOTHING_REPORTED,
  type RowChange,
  type Table,
  text,
  uint,
} from '@icn/state-machine/kernel'
import { createMemoryStore, PROOF_SPEC, toIcs23 } from '../src/index.ts'

const seats = defineTable('seat', { key: { id: text }, columns: { number: uint } }) as unknown as Table
const halls = defineTable('hall', { key: { id: text }, columns: { number: uint } }) as unknown as Table
const MODULES = [
  { name: 'seating', tables: [seats] },
  { name: 'building', tables: [halls] },
]
const change = (number: number): RowChange => ({ table: seats, key: [`s${number}`], row: { id: `s${number}`, number } })
const decode = (bytes: Uint8Array) => ics23.CommitmentProof.decode(bytes)
const spec = PROOF_SPEC as unknown as ics23.IProofSpec

for (const rows of [0, 1, 2, 3, 100_000]) {
  test(`the published verifier accepts membership and absence in a tree of ${rows} rows`, () => {
    const store = createMemoryStore(MODULES)
    const { appHash, moduleRoots } = store.stage(Array.from({ length: rows }, (_, index) => change(index)))
    store.commit({
      height: 1,
      timeMs: 0,
      hash: appHash,
      header: appHash,
      appHash,
      report: NOTHING_REPORTED,
      transactions: [],
      events: [],
    })
    const root = moduleRoots.seating ?? new Uint8Array()
    const step = Math.max(1, Math.floor(rows / 100))
    for (let number = 0; number < rows; number += step) {
      const proof = store.prove(seats, [`s${number}`])
      const { row, module } = toIcs23(proof)
      const value = encodeRow(seats, { id: `s${number}`, number })
      assert.ok(verifyMembership(decode(row), spec, root, rowPath('seat', [`s${number}`]), value))
      assert.ok(verifyMembership(decode(module), spec, appHash, rowPath('module', ['seating']), root))
      assert.equal(
        verifyMembership(decode(row), spec, root, rowPath('seat', [`s${number}`]), new Uint8Array([1])),
        false,
      )
    }
    // An empty tree has no neighbours to show; its root of zeros is the proof.
    for (let number = rows; rows > 0 && number < rows + 100; number++) {
      const key = rowPath('seat', [`s${number}`])
      assert.ok(verifyNonMembership(decode(toIcs23(store.prove(seats, [`s${number}`])).row), spec, root, key))
      const present = rowPath('seat', ['s0'])
      assert.equal(
        verifyNonMembership(decode(toIcs23(store.prove(seats, [`s${number}`])).row), spec, root, present),
        false,
      )
    }
  })
}
