import { toHex } from '@icn/crypto'
import {
  type AnyRow,
  assert,
  type BlockRecord,
  type Committed,
  compareKeys,
  encodeRow,
  type KeyPart,
  keyOf,
  type ModuleTables,
  type ScanOptions,
  type StateStore,
  type Table,
} from '@icn/state-machine/kernel'
import { createForest, type StagedRow, stagedRow } from '../forest.ts'
import { prove } from '../prove.ts'

/** The store without a disk, for tests and replays: the same answers, nothing survives the process. */
export function createMemoryStore(modules: readonly ModuleTables[]): StateStore {
  const forest = createForest(modules)
  const emptyHash = forest.appHash()
  const tables = new Map<string, Map<string, AnyRow>>()
  const byPath = new Map<string, { readonly table: Table; readonly row: AnyRow }>()
  const blocks: BlockRecord[] = []
  const transactions = new Map<string, { readonly height: number; readonly index: number }>()
  let rows: readonly StagedRow[] | undefined

  function rowsOf(table: Table): Map<string, AnyRow> {
    const known = tables.get(table.name) ?? new Map<string, AnyRow>()
    tables.set(table.name, known)
    return known
  }

  const readRow = (table: Table, key: readonly KeyPart[]) => rowsOf(table).get(JSON.stringify(key))

  function scanRows(table: Table, prefix: readonly KeyPart[], { limit, after }: ScanOptions = {}): AnyRow[] {
    const found = [...rowsOf(table).values()].filter((row) => {
      const key = keyOf(table, row)
      return prefix.every((part, index) => key[index] === part) && (after === undefined || compareKeys(key, after) > 0)
    })
    return found.sort((a, b) => compareKeys(keyOf(table, a), keyOf(table, b))).slice(0, limit)
  }

  function committed(): Committed {
    const last = blocks.at(-1)
    const appHash = last?.appHash ?? emptyHash
    return { height: blocks.length, timeMs: last?.timeMs ?? 0, appHash, blockHash: last?.hash ?? new Uint8Array(32) }
  }

  async function commit(block: BlockRecord): Promise<void> {
    assert(rows !== undefined && block.height === blocks.length + 1, 'a staged block is committed in its turn')
    for (const { table, key, row, node } of rows) {
      const path = toHex(node.subarray(0, 32))
      if (row === undefined) rowsOf(table).delete(JSON.stringify(key))
      else rowsOf(table).set(JSON.stringify(key), row)
      if (row === undefined) byPath.delete(path)
      else byPath.set(path, { table, row })
    }
    for (const [index, { hash }] of block.transactions.entries())
      transactions.set(toHex(hash), { height: block.height, index })
    blocks.push(block)
    forest.takeOn()
    forest.keep()
    rows = undefined
  }

  const valueAt = (_module: string, path: Uint8Array) => {
    const found = byPath.get(toHex(path))
    assert(found !== undefined, 'every leaf has its row')
    return encodeRow(found.table, found.row)
  }

  return {
    modules,
    readRow,
    scanRows,
    head: committed,
    committed,
    stage: (changes) => {
      rows = Array.from(changes, stagedRow)
      return forest.stage(rows)
    },
    commit,
    prove: (table, key) =>
      forest.asBefore(0, () => prove(forest, { readRow, scanRows }, valueAt, blocks.length, table, key)),
    transaction: (hash) => {
      const place = transactions.get(toHex(hash))
      const record = place === undefined ? undefined : blocks[place.height - 1]?.transactions[place.index]
      return place === undefined || record === undefined ? undefined : { ...record, ...place }
    },
    block: (height) => blocks[height - 1],
    keptFrom: () => 1,
    close: async () => undefined,
  }
}
