/**
 * State sync of a million members: making a snapshot beside blocks that are written as fast as they go, and restoring it.
 * `node bench/state-sync.ts FOLDER` measures on what bench/votes/fixture.ts made.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sha256 } from '@icn/crypto'
import { genesisHash, parseGenesis } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import { signers } from '@icn/state-machine/identity'
import type { BlockRecord, Snapshots, Table, TransactionRecord } from '@icn/state-machine/kernel'
import { NOTHING_REPORTED } from '@icn/state-machine/kernel'
import { createSnapshots, openSqliteStore, type SqliteStore } from '@icn/state-store'
import { type BenchResult, result } from './result.ts'
import { benchKey } from './votes/keys.ts'

const MEMBERS = 1_000_000
const VOTERS = 24_000
/** Transactions in a block, each a row and an event. */
const BLOCK = 64
const ALONE_MS = 10_000

export async function run(): Promise<readonly BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'icn-bench-sync-'))
  try {
    console.error(`state-sync: preparing a cooperative of ${MEMBERS} members`)
    execFileSync(process.execPath, ['bench/votes/fixture.ts', folder, String(MEMBERS), String(VOTERS)])
    return await measure(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(home: string): Promise<BenchResult[]> {
  const source = open(home, home)
  const restored = mkdtempSync(join(tmpdir(), 'icn-bench-restored-'))
  try {
    const voters = Array.from({ length: VOTERS }, (_, index) => benchKey(index).did)
    const before = await blocksPerSecond(source.store, voters, wait(ALONE_MS))
    const startMs = performance.now()
    const making = source.snapshots.make()
    const during = await blocksPerSecond(source.store, voters, making)
    const makeMs = performance.now() - startMs
    const after = await blocksPerSecond(source.store, voters, wait(ALONE_MS))
    const logMb = statSync(join(home, 'state.db-wal')).size / 1_048_576
    const aloneMs = await timed(source.snapshots.make())
    const { restoreMs, sizeMb, residentMb } = await restore(source, home, restored)
    const where = `${MEMBERS} members`
    return [
      result(
        'snapshot made beside blocks',
        makeMs / 1_000,
        's',
        `${where}, ${sizeMb.toFixed(0)} MB, log ${logMb.toFixed(0)} MB`,
        {
          name: 'without blocks',
          value: aloneMs / 1_000,
        },
      ),
      result('blocks written meanwhile', during, 'blocks/s', `${where}, blocks of ${BLOCK} rows, as fast as they go`, {
        name: 'before and after',
        value: (before + after) / 2,
      }),
      result(
        'snapshot restored',
        restoreMs / 1_000,
        's',
        `${where}, verified, inserted, trees built; resident ${residentMb} MB with the source`,
      ),
    ]
  } finally {
    await source.close()
    rmSync(restored, { recursive: true, force: true })
  }
}

interface Node {
  readonly store: SqliteStore
  readonly snapshots: ReturnType<typeof createSnapshots>
  close(): Promise<void>
}

function open(home: string, genesisHome: string): Node {
  const genesis = parseGenesis(readFileSync(join(genesisHome, 'genesis.json'), 'utf8'))
  const stateFile = join(home, 'state.db')
  const store = openSqliteStore({ file: stateFile, modules: createMachine({ genesis }).modules, writer: 'thread' })
  const snapshots = createSnapshots({
    store,
    stateFile,
    folder: join(home, 'snapshots'),
    network: genesisHash(genesis),
    onFailure: (error) => {
      throw error
    },
  })
  const close = async () => {
    await snapshots.close()
    await store.close()
  }
  return { store, snapshots, close }
}

async function blocksPerSecond(store: SqliteStore, voters: readonly string[], end: Promise<unknown>): Promise<number> {
  let isOver = false
  void end.finally(() => (isOver = true))
  const startMs = performance.now()
  let blocks = 0
  let written: Promise<void> = Promise.resolve()
  for (; !isOver; blocks++) {
    const next = commitBlock(store, voters)
    await written
    written = next
  }
  await written
  await end
  return (1_000 * blocks) / (performance.now() - startMs)
}

function commitBlock(store: SqliteStore, voters: readonly string[]): Promise<void> {
  const { height: last, timeMs } = store.head()
  const height = last + 1
  const first = (height * BLOCK) % (voters.length - BLOCK)
  const dids = voters.slice(first, first + BLOCK)
  const table = signers as unknown as Table
  const { appHash } = store.stage(
    dids.map((did) => {
      const row = { did, sequence: height, allowanceMicro: 0, allowanceTimeMs: 0, memberships: 1 }
      return { table, key: [did], row }
    }),
  )
  const transactions = dids.map((signer, index): TransactionRecord => {
    const hash = sha256(new TextEncoder().encode(`${height} ${index}`))
    const bytes = new Uint8Array(300).fill(index)
    const events = [{ topic: 'vote.cast', subject: 'p1', data: { index } }]
    return { hash, signer, kind: 'vote.cast', lane: 0, code: 0, result: {}, bytes, events }
  })
  const place = { height, timeMs, hash: appHash, header: appHash, appHash, report: NOTHING_REPORTED }
  return store.commit({ ...place, transactions, events: [] } satisfies BlockRecord)
}

async function restore(source: Node, genesisHome: string, home: string) {
  const target = open(home, genesisHome)
  const [info] = await source.snapshots.list()
  if (info === undefined) throw new Error('a snapshot was made')
  let bytes = 0
  const startMs = performance.now()
  const port: Snapshots = target.snapshots
  await port.offer(info, source.store.committed().appHash)
  for (let index = 0; index < info.chunks; index++) {
    const chunk = (await source.snapshots.load(info.height, info.format, index)) ?? new Uint8Array()
    bytes += chunk.length
    const { result: verdict } = await port.apply(index, chunk, 'bench')
    if (verdict !== 'accept') throw new Error(`chunk ${index}: ${verdict}`)
  }
  const restoreMs = performance.now() - startMs
  const residentMb = Math.round(process.memoryUsage().rss / 1_048_576)
  await target.close()
  return { restoreMs, sizeMb: bytes / 1_048_576, residentMb }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function timed(work: Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  await work
  return performance.now() - startMs
}

const [folder] = process.argv.slice(2)
if (import.meta.main && folder !== undefined) console.log(await measure(folder))
