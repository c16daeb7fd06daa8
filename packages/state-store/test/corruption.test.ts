import assert from 'node:assert/strict'
import {
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import type { AnyRow } from '@icn/state-machine/kernel'
import { createRandom } from '@icn/testkit'
import { commitBlock, seats, seatsOf, suiteModules } from '../../testkit/src/store-suite.ts'
import { CorruptData, NewerVersion, openSqliteStore } from '../src/index.ts'

const ROWS = 400
const PAGE_BYTES = 2048
const BLOCKS = 8
/** What each height must hold: a store may be refused or stand at one of these, never anything else. */
const history: { readonly appHash: Uint8Array; readonly rows: readonly AnyRow[] }[] = []
const folder = mkdtempSync(join(tmpdir(), 'icn-damage-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const inLog = join(folder, 'in-log')
const inFile = join(folder, 'in-file')
await prepare()

/** `in-log` is the folder of a killed process, with the blocks in the log; in `in-file` the database holds everything. */
async function prepare(): Promise<void> {
  const store = openSqliteStore({ file: join(folder, 'state.db'), modules: suiteModules })
  history.push({ appHash: store.committed().appHash, rows: [] })
  const twins = [...seatsOf('twin-1', 1), ...seatsOf('twin-2', 1)]
  for (let block = 1; block <= BLOCKS; block++) {
    const { appHash } = store.stage([...seatsOf('hall', ROWS, `holder ${block}`), ...twins])
    await commitBlock(store, appHash)
    history.push({ appHash, rows: [...store.scanRows(seats, [])] })
  }
  copyState(folder, inLog)
  await store.close()
  copyState(folder, inFile)
}

function copyState(from: string, to: string): void {
  for (const name of ['state.db', 'state.db-wal', 'state.db.created']) {
    if (existsSync(join(from, name))) cpSync(join(from, name), join(to, name))
  }
}

/** Runs `work` on a copy of a folder; answers what it did. */
async function onCopy<T>(source: string, work: (file: string) => Promise<T>): Promise<T> {
  const copy = mkdtempSync(join(folder, 'copy-'))
  copyState(source, copy)
  try {
    return await work(join(copy, 'state.db'))
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** Opens, checks and reads all; the height where it stands, or the refusal. Whatever it holds must be what was committed. */
async function openAndCheck(file: string): Promise<number | CorruptData | NewerVersion> {
  try {
    const store = openSqliteStore({ file, modules: suiteModules })
    try {
      store.verifyAll()
      const { height, appHash } = store.committed()
      assert.deepEqual(appHash, history[height]?.appHash)
      assert.deepEqual([...store.scanRows(seats, [])], history[height]?.rows)
      return height
    } finally {
      await store.close()
    }
  } catch (error) {
    if (error instanceof CorruptData || error instanceof NewerVersion) return error
    throw error
  }
}

function assertRefused(found: Awaited<ReturnType<typeof openAndCheck>>, pattern: RegExp): void {
  assert.ok(found instanceof CorruptData, `opened or refused otherwise: ${found}`)
  assert.match(found.check, pattern)
  assert.ok(found.advice.length > 0)
}

function edit(file: string, sql: string): void {
  const database = new DatabaseSync(file)
  database.exec(sql)
  database.close()
}

test('both folders open at the last block', async () => {
  assert.equal(await onCopy(inLog, openAndCheck), BLOCKS)
  assert.equal(await onCopy(inFile, openAndCheck), BLOCKS)
})

test('a log cut anywhere leads to a committed block, the longer the later', async () => {
  const size = statSync(join(inLog, 'state.db-wal')).size
  const random = createRandom(Date.now() % 1_000_000)
  const cuts = Array.from({ length: 24 }, () => random.below(size)).sort((a, b) => a - b)
  let least = -1
  for (const cut of cuts) {
    const found = await onCopy(inLog, async (file) => {
      truncateSync(`${file}-wal`, cut)
      return openAndCheck(file)
    })
    // The tables themselves stand in the log until it is moved: without them the folder has lost everything.
    if (typeof found !== 'number') {
      assertRefused(found, /holds no tables|file is not a database/)
      assert.equal(least, -1, `cut at ${cut}: refused after an earlier cut opened at ${least}`)
      continue
    }
    assert.ok(found >= least && found < BLOCKS, `cut at ${cut} of ${size}: height ${found} after ${least}`)
    least = found
  }
  assert.ok(least > 0, 'no cut left a block: the log is too short to prove anything')
})

test('a page of noise anywhere is refused or does no harm to a row', async () => {
  const pages = statSync(join(inFile, 'state.db')).size / PAGE_BYTES
  let refused = 0
  for (let page = 0; page < pages; page++) {
    const found = await onCopy(inFile, async (file) => {
      overwrite(file, page * PAGE_BYTES, Buffer.alloc(PAGE_BYTES, 0xa5))
      return openAndCheck(file)
    })
    if (typeof found === 'number') assert.equal(found, BLOCKS, `page ${page}`)
    else refused++
  }
  assert.ok(refused > 0, 'no page of noise was noticed')
})

test('a flipped byte anywhere is refused or does no harm to a row', async (t) => {
  const seed = Date.now() % 1_000_000
  t.diagnostic(`seed ${seed}`)
  const random = createRandom(seed)
  const bytes = readFileSync(join(inFile, 'state.db'))
  for (let round = 0; round < 150; round++) {
    const at = random.below(round < 20 ? PAGE_BYTES : bytes.length)
    await onCopy(inFile, async (file) => {
      overwrite(file, at, Buffer.from([(bytes[at] ?? 0) ^ 0xff]))
      try {
        await openAndCheck(file)
      } catch (cause) {
        throw new Error(`seed ${seed}: byte ${at} is neither refused nor harmless`, { cause })
      }
    })
  }
})

for (const [name, sql] of [
  ['JSON that is none', `UPDATE seat SET tags = '[' WHERE number = 7`],
  ['a leaf that is no blob', 'UPDATE seat SET _node = 5 WHERE number = 7'],
  ['one leaf twice', 'UPDATE seat SET _node = (SELECT _node FROM seat WHERE number = 8) WHERE number = 7'],
  ['a column that is gone', 'ALTER TABLE seat DROP COLUMN note'],
] as const) {
  test(`refuses: ${name}`, async () => {
    await onCopy(inFile, async (file) => {
      edit(file, sql)
      assertRefused(await openAndCheck(file), /./)
    })
  })
}

test('refuses: a key that was flipped into that of a row like it', async () => {
  await onCopy(inFile, async (file) => {
    // Same length and same other columns: only the leaf that stands with the row still tells.
    const bytes = readFileSync(file)
    // In the row and in every index of it: SQLite itself finds nothing wrong.
    let found = 0
    for (let at = bytes.indexOf('twin-2'); at >= 0; at = bytes.indexOf('twin-2', at + 1)) {
      overwrite(file, at, Buffer.from('twin-1'))
      found++
    }
    assert.ok(found > 0)
    assertRefused(await openAndCheck(file), /./)
  })
})

test('refuses: a newer layout in a file that was restored without its marker', async () => {
  await onCopy(inFile, async (file) => {
    edit(file, `UPDATE meta SET value = '99' WHERE key = 'schemaVersion'`)
    rmSync(`${file}.created`)
    assert.ok((await openAndCheck(file)) instanceof NewerVersion)
  })
})

function overwrite(file: string, at: number, bytes: Uint8Array): void {
  const descriptor = openSync(file, 'r+')
  writeSync(descriptor, bytes, 0, bytes.length, at)
  closeSync(descriptor)
}

for (const [name, sql, pattern] of [
  [
    'a row that was changed',
    `UPDATE seat SET holder = 'thief' WHERE number = 7`,
    /a row of seat does not fit its leaf/,
  ],
  ['a leaf that was changed', `UPDATE seat SET _node = zeroblob(64) WHERE number = 7`, /lead to the root/],
  ['a row that was removed', 'DELETE FROM seat WHERE number = 7', /lead to the root .*; it differs in seating$/],
  ['a row that was added', `INSERT INTO hall VALUES ('x', 1, randomblob(64))`, /lead to the root/],
  ['blocks that were removed', 'DELETE FROM block WHERE height > 3', /lead to the root/],
  ['tables of other rules', `UPDATE meta SET value = 'other' WHERE key = 'tables'`, /other tables/],
] as const) {
  test(`refuses: ${name}`, async () => {
    await onCopy(inFile, async (file) => {
      edit(file, sql)
      assertRefused(await openAndCheck(file), pattern)
    })
  })
}

test('a missing file is refused and not made anew', async () => {
  await onCopy(inFile, async (file) => {
    rmSync(file)
    assertRefused(await openAndCheck(file), /is missing/)
    assert.equal(existsSync(file), false)
  })
})

test('an empty file and one that is no database are refused', async () => {
  for (const [bytes, pattern] of [
    [new Uint8Array(0), /holds no tables/],
    [Buffer.from('no database, whatever its name says'.repeat(200)), /not a database/],
  ] as const) {
    await onCopy(inFile, async (file) => {
      writeFileSync(file, bytes)
      assertRefused(await openAndCheck(file), pattern)
    })
  }
})

test('a newer layout is refused by its own name, and the file stays as it is', async () => {
  await onCopy(inFile, async (file) => {
    edit(file, `UPDATE meta SET value = '99' WHERE key = 'schemaVersion'`)
    const before = readFileSync(file)
    const found = await openAndCheck(file)
    assert.ok(found instanceof NewerVersion)
    assert.match(found.message, /layout 99/)
    assert.deepEqual(readFileSync(file), before)
  })
})
