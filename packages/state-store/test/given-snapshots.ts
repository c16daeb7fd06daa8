import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '@icn/crypto'
import type { RowChange, SnapshotInfo } from '@icn/state-machine/kernel'
import { commitBlock, seatsOf, suiteModules } from '../../testkit/src/store-suite.ts'
import { createSnapshots, type NodeSnapshots, openSqliteStore, type SqliteStore } from '../src/index.ts'
import type { SnapshotsOptions } from '../src/snapshots/snapshots.ts'

export const NETWORK = sha256(new TextEncoder().encode('a network'))

/** A node as far as state sync knows it: a store in a folder, and its snapshots. */
export interface GivenNode {
  readonly home: string
  readonly stateFile: string
  readonly store: SqliteStore
  readonly snapshots: NodeSnapshots
  commit(changes: readonly RowChange[]): Promise<void>
  close(): Promise<void>
}

export interface GivenNodeOptions extends Partial<SnapshotsOptions> {
  readonly home?: string
  readonly writer?: 'inline' | 'thread'
  readonly keepBlocks?: number
}

/** @param parent - folder in which it gets one of its own */
export function givenNode(parent: string, options: GivenNodeOptions = {}): GivenNode {
  const { home = mkdtempSync(join(parent, 'node-')), writer = 'inline', keepBlocks = 0, ...rest } = options
  mkdirSync(home, { recursive: true })
  const stateFile = join(home, 'state.db')
  const store = openSqliteStore({ file: stateFile, modules: suiteModules, writer, keepBlocks })
  const snapshots = createSnapshots({
    store,
    stateFile,
    folder: join(home, 'snapshots'),
    network: NETWORK,
    onFailure: (error) => assert.fail(error),
    ...rest,
  })
  return {
    home,
    stateFile,
    store,
    snapshots,
    commit: (changes) => commitBlock(store, store.stage(changes).appHash),
    close: async () => {
      await snapshots.close()
      await store.close()
    },
  }
}

const [seating, turning] = suiteModules
const [, halls] = seating?.tables ?? []
const [turns] = turning?.tables ?? []

/** Four chunks: so many seats that they do not fit into one, and some rows of each other table. */
export function manyRows(round = 0): RowChange[] {
  assert.ok(halls !== undefined && turns !== undefined)
  return [
    ...seatsOf('hall', 8_200, `holder ${round}`),
    { table: halls, key: ['hall'], row: { id: 'hall', size: round } },
    { table: turns, key: [round, 'turn'], row: { dueMs: round, id: 'turn' } },
  ]
}

export async function madeBy(node: GivenNode): Promise<SnapshotInfo> {
  const info = await node.snapshots.make()
  assert.ok(info !== undefined)
  return info
}

/** Hands a snapshot from one node to the other, chunk by chunk; answers what the last chunk got. */
export async function hand(from: GivenNode, to: GivenNode, info: SnapshotInfo, appHash: Uint8Array) {
  assert.equal(await to.snapshots.offer(info, appHash), 'accept')
  let verdict = await to.snapshots.apply(-1, new Uint8Array(), 'nobody')
  for (let index = 0; index < info.chunks; index++) {
    const chunk = await from.snapshots.load(info.height, info.format, index)
    assert.ok(chunk !== undefined)
    verdict = await to.snapshots.apply(index, chunk, 'peer')
  }
  return verdict
}

/** Everything below a folder, by name. */
export function filesOf(folder: string): ReadonlyMap<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    names
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((file) => [file.slice(folder.length), readFileSync(file).toString('base64')]),
  )
}
