import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { EMPTY_ROOT, sha256 } from '@icn/crypto'
import { NOTHING_REPORTED } from '@icn/state-machine/kernel'
import { openSqliteStore } from '../src/index.ts'
import { schemaFingerprint } from '../src/sqlite/schema.ts'

const LAYOUT_1 = `
PRAGMA page_size = 2048; PRAGMA journal_mode = WAL;
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE block (height INTEGER PRIMARY KEY, timeMs INTEGER NOT NULL, hash BLOB NOT NULL, header BLOB NOT NULL,
  appHash BLOB NOT NULL, txCount INTEGER NOT NULL);
CREATE TABLE tx (height INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL, signer TEXT NOT NULL, kind TEXT NOT NULL,
  lane INTEGER NOT NULL, code INTEGER NOT NULL, result TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (height, idx)) WITHOUT ROWID;
CREATE UNIQUE INDEX tx_hash ON tx (hash);
CREATE INDEX tx_identity ON tx (signer) WHERE kind IN ('identity.register', 'identity.rotate', 'identity.deactivate');
CREATE TABLE event (height INTEGER NOT NULL, seq INTEGER NOT NULL, idx INTEGER NOT NULL, lane INTEGER NOT NULL, topic TEXT NOT NULL,
  org TEXT, subject TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (height, seq)) WITHOUT ROWID;
CREATE INDEX event_subject ON event (subject, height, seq);
INSERT INTO meta VALUES ('schemaVersion', '1');
`

test('layout 1 becomes the present one, with every block, transaction and event', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'icn-migration-'))
  const file = join(folder, 'state.db')
  const bytes = new Uint8Array([1, 2, 3])
  const hashes = [sha256(new Uint8Array([1])), sha256(new Uint8Array([2]))] as const
  const old = new DatabaseSync(file)
  old.exec(LAYOUT_1)
  old.prepare('INSERT INTO meta VALUES (?, ?)').run('tables', schemaFingerprint([]))
  old.prepare('INSERT INTO block VALUES (1, 5, ?, ?, ?, 2)').run(hashes[0], bytes, EMPTY_ROOT)
  for (const [idx, hash] of hashes.entries()) {
    old.prepare("INSERT INTO tx VALUES (1, ?, ?, 'did:key:z1', 'vote.cast', 0, 0, '{}', ?)").run(idx, hash, bytes)
    old.prepare("INSERT INTO event VALUES (1, ?, ?, 0, 'vote.cast', NULL, 'p1', '{}')").run(idx, idx)
  }
  old.exec("INSERT INTO event VALUES (1, 2, 2, 0, 'proposal.closed', NULL, 'p1', '{}')")
  old.close()

  const store = openSqliteStore({ file, modules: [] })
  const block = store.block(1)
  assert.deepEqual(
    block?.transactions.map(({ hash, events }) => [Buffer.from(hash), events.map(({ topic }) => topic)]),
    hashes.map((hash) => [Buffer.from(hash), ['vote.cast']]),
  )
  assert.deepEqual(
    block?.events.map(({ topic }) => topic),
    ['proposal.closed'],
  )
  assert.deepEqual(block?.report, NOTHING_REPORTED)
  for (const [index, hash] of hashes.entries()) {
    const { height, index: place } = store.transaction(hash) ?? {}
    assert.deepEqual([height, place], [1, index])
  }
  await store.close()
  const migrated = new DatabaseSync(file, { readOnly: true })
  assert.equal(migrated.prepare("SELECT value FROM meta WHERE key = 'schemaVersion'").get()?.value, '4')
  assert.deepEqual(migrated.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'old%'").all(), [])
  migrated.close()
  rmSync(folder, { recursive: true, force: true })
})
