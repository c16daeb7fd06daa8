import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sha256 } from '@icn/crypto'
import type { ModuleTables } from '@icn/state-machine/kernel'
import { syncFolder } from '../durable.ts'
import { END, MAGIC, PLACE_BYTES } from './archive.ts'
import { makeSnapshot } from './make.ts'
import { decodeManifest, type Manifest } from './manifest.ts'

export interface ArchiveSource {
  /** May be in use by a node. */
  readonly stateFile: string
  readonly modules: readonly ModuleTables[]
  /** `genesis.json`, as text. */
  readonly genesis: string
  /** Hash of the genesis. */
  readonly network: Uint8Array
  readonly onProgress: (done: number, total: number) => void
}

/**
 * Writes the state at the last block into one file, which has its name only when it is whole. Memory: one chunk.
 *
 * @param target - must not be there
 */
export function writeArchive(target: string, source: ArchiveSource): Manifest {
  const { stateFile, modules, genesis, network, onProgress } = source
  const draft = `${target}.new`
  const descriptor = openSync(draft, 'w')
  const database = new DatabaseSync(stateFile, { readOnly: true })
  let at = 0

  function write(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done)
    at += bytes.length
  }

  function frame(bytes: Uint8Array): void {
    const head = new DataView(new ArrayBuffer(4))
    head.setUint32(0, bytes.length)
    write(new Uint8Array(head.buffer))
    write(bytes)
  }

  try {
    write(MAGIC)
    frame(new TextEncoder().encode(genesis))
    database.exec('BEGIN')
    const metadata = makeSnapshot(database, modules, network, {
      chunk: (_, compressed) => frame(compressed),
      progress: onProgress,
    })
    const place = new DataView(new ArrayBuffer(PLACE_BYTES))
    place.setBigUint64(0, BigInt(at))
    frame(metadata)
    write(new Uint8Array(place.buffer))
    write(sha256(metadata))
    write(END)
    fsyncSync(descriptor)
    renameSync(draft, target)
    syncFolder(dirname(target))
    return decodeManifest(metadata) as Manifest
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  } finally {
    closeSync(descriptor)
    database.close()
  }
}
