import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { SnapshotInfo } from '@icn/state-machine/kernel'
import { syncFolder, writeSynced } from '../durable.ts'
import { decompress } from './compress.ts'
import { decodeManifest, infoOf, isChunk, type Manifest } from './manifest.ts'

/** The snapshots that a node keeps: a folder each, named by its height, which is there whole or not at all. */
export interface SnapshotFolder {
  /** Highest first. */
  list(): readonly SnapshotInfo[]
  /** `undefined` also where its bytes on the disk are damaged. */
  load(height: number, chunk: number): Uint8Array | undefined
  /** An empty folder for the pieces of a snapshot that is being made. */
  begin(): string
  /** Completes what `begin` began, and forgets the oldest that are too many; one that somebody takes stays meanwhile. */
  complete(metadata: Uint8Array): SnapshotInfo
  giveUp(): void
}

interface Kept {
  readonly info: SnapshotInfo
  readonly manifest: Manifest
  /** When somebody took a chunk of it last; `-Infinity`: nobody did. */
  askedMs: number
}

const METADATA = 'metadata'
const DRAFT = 'new'
/** A folder on its way out: first it loses its name, then its files. */
const GONE = 'gone'
/** For as long CometBFT waits for a chunk before it gives a snapshot up: `chunkTimeout` in its statesync/syncer.go. */
const TAKEN_MS = 120_000

/** @param keep - how many are kept; @param nowMs - the clock */
export function openSnapshotFolder(folder: string, keep: number, nowMs: () => number = Date.now): SnapshotFolder {
  mkdirSync(folder, { recursive: true })
  for (const name of [DRAFT, GONE]) rmSync(join(folder, name), { recursive: true, force: true })
  const kept = readdirSync(folder)
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => read(join(folder, name)))
    .sort((a, b) => b.info.height - a.info.height)
  forget()

  function forget(): void {
    const old = kept.splice(keep)
    // One at most, however many are asked for: it takes as much of the disk as the others.
    const taken = old.find(({ askedMs }) => nowMs() - askedMs < TAKEN_MS)
    for (const each of old) if (each !== taken) remove(String(each.info.height))
    if (taken !== undefined) kept.push(taken)
  }

  function remove(name: string): void {
    renameSync(join(folder, name), join(folder, GONE))
    rmSync(join(folder, GONE), { recursive: true })
  }

  function load(height: number, chunk: number): Uint8Array | undefined {
    const own = kept.find(({ info }) => info.height === height)
    const file = join(folder, String(height), chunkName(chunk))
    if (own === undefined || !Number.isSafeInteger(chunk) || chunk < 0 || chunk >= own.info.chunks) return undefined
    if (!existsSync(file)) return undefined
    own.askedMs = nowMs()
    const bytes = readFileSync(file)
    const content = decompress(bytes)
    return content !== undefined && isChunk(own.manifest, chunk, content) ? bytes : undefined
  }

  function begin(): string {
    giveUp()
    mkdirSync(join(folder, DRAFT))
    return join(folder, DRAFT)
  }

  function giveUp(): void {
    rmSync(join(folder, DRAFT), { recursive: true, force: true })
  }

  function complete(metadata: Uint8Array): SnapshotInfo {
    writeSynced(join(folder, DRAFT, METADATA), metadata)
    syncFolder(join(folder, DRAFT))
    const made = read(join(folder, DRAFT))[0] as Kept
    const name = String(made.info.height)
    const at = kept.findIndex(({ info }) => info.height === made.info.height)
    if (at >= 0) kept.splice(at, 1)
    if (existsSync(join(folder, name))) remove(name)
    renameSync(join(folder, DRAFT), join(folder, name))
    syncFolder(folder)
    kept.push(made)
    kept.sort((a, b) => b.info.height - a.info.height)
    forget()
    return made.info
  }

  return { list: () => kept.map(({ info }) => info), load, begin, complete, giveUp }
}

/** The name of a chunk's file. */
export function chunkName(index: number): string {
  return `${String(index).padStart(6, '0')}.zst`
}

/** Nothing where the metadata cannot be read: such a snapshot is not offered. */
function read(folder: string): Kept[] {
  const file = join(folder, METADATA)
  const metadata = existsSync(file) ? readFileSync(file) : undefined
  const manifest = metadata === undefined ? undefined : decodeManifest(metadata)
  return metadata === undefined || manifest === undefined
    ? []
    : [{ info: infoOf(metadata, manifest), manifest, askedMs: Number.NEGATIVE_INFINITY }]
}
