import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { sha256 } from '@icn/crypto'
import { historyId, NOTHING_REPORTED, type TransactionRecord } from '@icn/state-machine/kernel'
import { createBlockWriter } from '../src/sqlite/block-writer.ts'
import { openDatabase } from '../src/sqlite/open.ts'
import { packBlock, packPlaces } from '../src/sqlite/packed.ts'
import { openTransactionIndex } from '../src/sqlite/transaction-index.ts'

/** A run is full after so many transactions. */
const RUN = 8
const zeros = new Uint8Array(32)

const hashOf = (n: number) => sha256(new Uint8Array([n >> 8, n & 255]))

function record(hash: Uint8Array, code = 0): TransactionRecord {
  return { hash, signer: 'did:key:z1', kind: 'vote.cast', lane: 0, code, result: {}, bytes: hash, events: [] }
}

/** Blocks written to a real file as the store writes them. */
function ledger(file: string) {
  const database = openDatabase(file, [])
  const writer = createBlockWriter(database, [], 0)
  const index = openTransactionIndex(database, RUN)
  let height = Number(database.prepare('SELECT max(height) AS height FROM block').get()?.height ?? 0)

  function write(transactions: readonly TransactionRecord[]): void {
    height++
    writer.places(packPlaces(index.part(height, transactions.length)))
    const block = {
      height,
      timeMs: 0,
      hash: zeros,
      header: zeros,
      appHash: zeros,
      report: NOTHING_REPORTED,
      transactions,
      events: [],
    }
    writer.commit(packBlock(block, historyId(height, 0)))
    index.add(height, transactions)
  }

  return {
    write,
    find: index.find,
    runs: () => database.prepare('SELECT count(DISTINCT run) AS runs FROM tx_place').get()?.runs,
    close: () => database.close(),
  }
}

function inFolder(work: (file: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'icn-places-'))
  try {
    work(join(folder, 'state.db'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('every transaction is found after every block, in memory and in runs, whenever the process ends', () => {
  for (const sizes of [[1], [3], [20, 0, 1], [1, 7, 2]]) {
    inFolder((file) => {
      let open = ledger(file)
      const places = new Map<number, number>()
      for (let height = 1; height <= 40; height++) {
        const size = sizes[height % sizes.length] ?? 0
        const numbers = Array.from({ length: size }, (_, at) => places.size + at)
        open.write(numbers.map((n) => record(hashOf(n))))
        for (const [at, n] of numbers.entries()) places.set(n, historyId(height, at))
        // A process that ends here knows what is on the disk, and nothing else.
        if (height % 3 === 0) {
          open.close()
          open = ledger(file)
        }
        for (const [n, id] of places) assert.equal(open.find(hashOf(n)), id)
        assert.equal(open.find(hashOf(places.size)), undefined)
      }
      assert.ok(Number(open.runs()) > 1, 'several runs were written')
      open.close()
    })
  }
})

test('of the same bytes twice, the accepted ones are found, before them or after', () => {
  inFolder((file) => {
    let open = ledger(file)
    const [early, late] = [hashOf(60_000), hashOf(60_001)]
    open.write([record(early), record(late, 1_001)])
    open.write([record(early, 1_001), record(late)])
    const expected = [historyId(1, 0), historyId(2, 1)]
    assert.deepEqual([open.find(early), open.find(late)], expected)
    for (let n = 0; n < 40; n++) open.write([record(hashOf(n))])
    open.write([record(early, 1_001), record(late, 1_001)])
    assert.deepEqual([open.find(early), open.find(late)], expected)
    open.close()
    open = ledger(file)
    assert.deepEqual([open.find(early), open.find(late)], expected)
    open.close()
  })
})
