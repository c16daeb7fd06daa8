import assert from 'node:assert/strict'
import { rowPath, verifyAbsence, verifyRow } from '@icn/crypto'
import { encodeRow, type KeyPart, type StateStore, type Table } from '@icn/state-machine/kernel'

/** Whether a proof of a row, or of its absence, leads to the app hash of its own height. */
export function isProved(
  store: StateStore,
  appHashes: readonly Uint8Array[],
  table: Table,
  key: readonly KeyPart[],
): boolean {
  const { row, absence, moduleRoot, appHash, height } = store.prove(table, key)
  assert.ok(height >= store.committed().height)
  assert.deepEqual(appHash, appHashes[height])
  const root = moduleRoot.value
  const proved = row === undefined ? absence !== undefined && verifyAbsence(root, absence) : verifyRow(root, row)
  return proved && verifyRow(appHash, moduleRoot)
}

/** Proves a row, or its absence, under the app hash of the last block on the disk, and checks every part. */
export function checkProof(store: StateStore, table: Table, key: readonly KeyPart[]): void {
  const proof = store.prove(table, key)
  const { appHash, height } = store.committed()
  const path = rowPath(table.name, key)
  assert.deepEqual([proof.appHash, proof.height], [appHash, height])
  assert.ok(verifyRow(appHash, proof.moduleRoot))
  assert.deepEqual(proof.moduleRoot.path, rowPath('module', [proof.module]))
  const row = store.readRow(table, key)
  if (row === undefined) {
    assert.equal(proof.row, undefined)
    assert.deepEqual(proof.absence?.path, path)
    assert.ok(proof.absence !== undefined && verifyAbsence(proof.moduleRoot.value, proof.absence))
  } else {
    assert.equal(proof.absence, undefined)
    assert.deepEqual([proof.row?.path, proof.row?.value], [path, encodeRow(table, row)])
    assert.ok(proof.row !== undefined && verifyRow(proof.moduleRoot.value, proof.row))
  }
}
