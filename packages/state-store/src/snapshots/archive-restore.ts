import { existsSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { assert, type ModuleTables, SnapshotError } from '@icn/state-machine/kernel'
import { syncFolder } from '../durable.ts'
import { schemaFingerprint } from '../sqlite/schema.ts'
import { draftOf, removeDraft } from '../sqlite/sqlite-store.ts'
import { type Archive, ArchiveError, altered } from './archive.ts'
import { createLoader } from './loader.ts'
import { chunksOf } from './manifest.ts'

export interface ArchiveTarget {
  /** Must not be there. */
  readonly stateFile: string
  readonly modules: readonly ModuleTables[]
  readonly onProgress: (done: number, total: number) => void
}

/**
 * Makes a database of an archive: a root that is not the one of its last block, or any chunk that was changed, is refused.
 * Memory: one chunk, and 240 bytes a row for the trees.
 *
 * @throws ArchiveError; then nothing is there
 */
export function restoreArchive(archive: Archive, { stateFile, modules, onProgress }: ArchiveTarget): void {
  const { manifest } = archive
  if (manifest.tables !== schemaFingerprint(modules))
    throw new ArchiveError('OTHER_VERSION', 'the archive has other tables than this version knows')
  assert(!existsSync(stateFile), 'a state is never written over')
  removeDraft(stateFile)
  const loader = createLoader(draftOf(stateFile), modules, manifest)
  try {
    let index = 0
    for (const bytes of archive.chunks()) {
      const chunk = loader.verify(index, bytes)
      if (chunk === undefined) throw altered(`chunk ${index} does not have the hash that its metadata says`)
      loader.insert(chunk)
      onProgress(++index, chunksOf(manifest))
    }
    loader.finish()
    renameSync(draftOf(stateFile), stateFile)
    syncFolder(dirname(stateFile))
  } catch (error) {
    loader.discard()
    throw error instanceof SnapshotError ? altered(error.message) : error
  }
}
