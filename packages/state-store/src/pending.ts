import {
  type AnyRow,
  changedUnder,
  type KeyPart,
  mergeRows,
  type RowReader,
  type Table,
} from '@icn/state-machine/kernel'
import type { StagedRow } from './forest.ts'

/** Rows of blocks that are being written, over those that are on the disk. */
export interface Pending extends RowReader {
  /** The rows of one more block. */
  push(rows: readonly StagedRow[]): void
  /** The oldest of the blocks is on the disk. */
  shift(): void
}

type Layer = ReadonlyMap<string, ReadonlyMap<string, StagedRow>>

/** @param disk - answers what is on the disk */
export function createPending(disk: RowReader): Pending {
  const layers: Layer[] = []

  function readRow(table: Table, key: readonly KeyPart[]): AnyRow | undefined {
    if (layers.length === 0) return disk.readRow(table, key)
    const id = key.join('\0')
    const change = layers
      .findLast((layer) => layer.get(table.name)?.has(id))
      ?.get(table.name)
      ?.get(id)
    return change === undefined ? disk.readRow(table, key) : change.row
  }

  const scanRows: RowReader['scanRows'] = (table, prefix, options = {}) => {
    const latest = new Map<string, StagedRow>()
    for (const layer of layers) for (const [id, change] of layer.get(table.name) ?? []) latest.set(id, change)
    const changed = changedUnder(latest.values(), prefix, options)
    if (changed.length === 0) return disk.scanRows(table, prefix, options)
    return mergeRows(disk, table, changed, prefix, options)
  }

  return {
    readRow,
    scanRows,
    push: (rows) => {
      layers.push(layerOf(rows))
    },
    shift: () => {
      layers.shift()
    },
  }
}

function layerOf(rows: readonly StagedRow[]): Layer {
  const layer = new Map<string, Map<string, StagedRow>>()
  for (const row of rows) {
    const own = layer.get(row.table.name) ?? new Map<string, StagedRow>()
    own.set(row.key.join('\0'), row)
    layer.set(row.table.name, own)
  }
  return layer
}
