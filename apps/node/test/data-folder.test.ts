import assert from 'node:assert/strict'
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
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
import { after, before, test } from 'node:test'
import type { Genesis } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import { openSqliteStore } from '@icn/state-store'
import { act, foundCooperative, openProposal, type Person } from './cooperative.ts'
import { runNode, startProcess } from './node-process.ts'

const home = mkdtempSync(join(tmpdir(), 'icn-folder-'))
let height = 0
const OTHER_KEY = 'z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'

before(async () => {
  const node = await startProcess(home)
  const { org, people } = await foundCooperative(node.url, node.network, 30)
  const proposal = await openProposal(node.url, node.network, people[0] as Person, org)
  for (const person of people)
    await act(node.url, node.network, person, { kind: 'vote.cast', proposal, ballot: 'yes', reason: '' })
  height = ((await (await fetch(`${node.url}/v1/network`)).json()) as { height: number }).height
  // Killed, so that the log still stands beside the database.
  await node.end('SIGKILL')
})
after(() => rmSync(home, { recursive: true, force: true }))

/** Runs `work` on a copy of the folder. */
async function onCopy(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'icn-folder-'))
  try {
    for (const name of readdirSync(home)) copyFileSync(join(home, name), join(folder, name))
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const start = (folder: string) => runNode(['start', '--home', folder, '--http-port', '0', '--log-level', 'silent'])

/** Moves the log into the database, so that the file holds everything. */
function checkpoint(folder: string): void {
  const database = new DatabaseSync(join(folder, 'state.db'))
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
}

test('a second node on one data folder ends with 3, and the first goes on', async () => {
  await onCopy(async (folder) => {
    const first = await startProcess(folder)
    const second = await start(folder)
    assert.equal(second.code, 3)
    assert.equal(second.stdout, '')
    assert.match(second.stderr, /in use by another process/)
    assert.equal((await fetch(`${first.url}/healthz`)).status, 200)
    assert.equal(await first.end('SIGTERM'), 0)
  })
})

test('an event that was changed, is missing, or too many, does not lead to the log of its lane', async () => {
  for (const sql of [
    "UPDATE event SET subject = 'p1-0-aaaaaa' WHERE topic = 'vote.cast' AND id = (SELECT max(id) FROM event)",
    'DELETE FROM event WHERE id = (SELECT max(id) FROM event)',
    'UPDATE event SET lane = 1 WHERE id = (SELECT max(id) FROM event)',
    "INSERT INTO event SELECT max(id) + 1, tx, 0, 'vote.cast', NULL, 'p1', '{}' FROM event",
  ]) {
    await onCopy(async (folder) => {
      const whole = await runNode(['verify', '--home', folder])
      assert.match(whole.stdout, /ok \d+ events in the logs of their lanes/)
      const database = new DatabaseSync(join(folder, 'state.db'))
      assert.equal(database.prepare(sql).run().changes, 1)
      database.close()
      const verified = await runNode(['verify', '--home', folder])
      assert.equal(verified.code, 4)
      assert.match(verified.stderr, /events of lane [01] from block \d+ on do not lead to its log/)
    })
  }
})

test('after SIGKILL the node opens where it was', async () => {
  await onCopy(async (folder) => {
    const node = await startProcess(folder)
    assert.equal(node.height, height)
    assert.equal(await node.end('SIGTERM'), 0)
  })
})

test('a log that was cut opens at an earlier committed block, and the folder verifies', async () => {
  await onCopy(async (folder) => {
    const log = join(folder, 'state.db-wal')
    assert.ok(statSync(log).size > 100_000)
    truncateSync(log, Math.floor(statSync(log).size * 0.7))
    const node = await startProcess(folder)
    assert.ok(node.height > 0 && node.height < height, `height ${node.height} of ${height}`)
    assert.equal(await node.end('SIGTERM'), 0)
    assert.equal((await runNode(['verify', '--home', folder, '--replay'])).code, 0)
  })
})

for (const name of ['state.db', 'genesis.json', 'validator-key.json']) {
  test(`without ${name} the node ends with 4 and makes nothing anew`, async () => {
    await onCopy(async (folder) => {
      rmSync(join(folder, name))
      const { code, stdout, stderr } = await start(folder)
      assert.equal(code, 4, stderr)
      assert.equal(stdout, '')
      assert.match(stderr, /missing.*What to do: /)
      assert.equal(existsSync(join(folder, name)), false)
    })
  })
}

for (const [name, mix, said] of [
  [
    'a key that its genesis does not name',
    (genesis: Genesis) => ({
      ...genesis,
      validators: genesis.validators.map((own) => ({ ...own, publicKey: OTHER_KEY })),
    }),
    /names the validator .* What to do: restore genesis.json and validator-key.json/,
  ],
  [
    'several validators',
    (genesis: Genesis) => ({
      ...genesis,
      validators: [...genesis.validators, { name: 'other', publicKey: OTHER_KEY, power: 1 }],
    }),
    /names 2 validators, expected one. What to do: /,
  ],
] as const) {
  test(`a folder with ${name} ends with 4 and says what to do`, async () => {
    await onCopy(async (folder) => {
      const file = join(folder, 'genesis.json')
      writeFileSync(file, JSON.stringify(mix(JSON.parse(readFileSync(file, 'utf8')))))
      const { code, stdout, stderr } = await start(folder)
      assert.deepEqual([code, stdout], [4, ''], stderr)
      assert.match(stderr, said)
    })
  })
}

test('a damaged page ends with 4, whichever it is', async () => {
  await onCopy(async (folder) => {
    checkpoint(folder)
    const file = join(folder, 'state.db')
    const pages = Math.floor(statSync(file).size / 4096)
    let refused = 0
    const rounds = 8
    for (let round = 0; round < rounds; round++) {
      await onCopyOf(folder, async (copy) => {
        const descriptor = openSync(join(copy, 'state.db'), 'r+')
        const page = 1 + Math.floor((round * (pages - 1)) / rounds)
        writeSync(descriptor, Buffer.alloc(4096, 0xa5), 0, 4096, page * 4096)
        closeSync(descriptor)
        const verified = await runNode(['verify', '--home', copy, '--replay'])
        assert.ok(verified.code === 4, `page ${page} of ${pages}: ${verified.code} ${verified.stderr}`)
        assert.match(verified.stderr, /What to do: /)
        refused++
      })
    }
    assert.equal(refused, rounds)
  })
})

async function onCopyOf(source: string, work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'icn-folder-'))
  try {
    for (const name of readdirSync(source)) copyFileSync(join(source, name), join(folder, name))
    await work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('a changed row ends with 4 at the start', async () => {
  await onCopy(async (folder) => {
    checkpoint(folder)
    const database = new DatabaseSync(join(folder, 'state.db'))
    database.exec(`UPDATE vote SET ballot = '"no"' WHERE voter = (SELECT min(voter) FROM vote)`)
    database.close()
    const { code, stderr } = await start(folder)
    assert.equal(code, 4)
    assert.match(stderr, /a row of vote does not fit its leaf/)
  })
})

test('a folder of a newer version refuses to open and says so', async () => {
  await onCopy(async (folder) => {
    checkpoint(folder)
    const database = new DatabaseSync(join(folder, 'state.db'))
    database.exec("UPDATE meta SET value = '99' WHERE key = 'schemaVersion'")
    database.close()
    const { code, stderr } = await start(folder)
    assert.equal(code, 4)
    assert.match(stderr, /newer version/)
  })
})

test('a folder from before a table of governance opens where it was, with that table', async () => {
  await onCopy(async (folder) => {
    checkpoint(folder)
    const { modules } = createMachine({ genesis: JSON.parse(readFileSync(join(folder, 'genesis.json'), 'utf8')) })
    const before = modules.map((own) => ({
      ...own,
      tables: own.tables.filter(({ name }) => name !== 'count_deadline'),
    }))
    const older = join(folder, 'older.db')
    await openSqliteStore({ file: older, modules: before }).close()
    const database = new DatabaseSync(join(folder, 'state.db'))
    database.exec(`ATTACH '${older}' AS older; DROP TABLE count_deadline;
      UPDATE meta SET value = (SELECT value FROM older.meta WHERE key = 'tables') WHERE key = 'tables'`)
    database.close()
    const node = await startProcess(folder)
    assert.equal(node.height, height)
    assert.equal(await node.end('SIGTERM'), 0)
    assert.equal((await runNode(['verify', '--home', folder, '--replay'])).code, 0)
  })
})

test('what is no database ends with 4', async () => {
  await onCopy(async (folder) => {
    for (const name of ['state.db-wal', 'state.db-shm']) rmSync(join(folder, name), { force: true })
    const descriptor = openSync(join(folder, 'state.db'), 'w')
    writeSync(descriptor, 'this is no database, whatever its name says'.repeat(100))
    closeSync(descriptor)
    assert.equal((await start(folder)).code, 4)
  })
})

test('a wrong setting ends with 2, help with 0', async () => {
  assert.equal((await runNode(['start', '--home', home, '--http-prot', '1'])).code, 2)
  assert.equal((await runNode(['help'])).code, 0)
  assert.equal((await runNode(['nonsense'])).code, 2)
})
