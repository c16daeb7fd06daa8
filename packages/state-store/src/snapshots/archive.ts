import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { equalBytes, sha256 } from '@icn/crypto'
import { chunksOf, decodeManifest, MAX_CHUNK_BYTES, MAX_METADATA_BYTES, type Manifest } from './manifest.ts'

/*
 * One file with a whole state: `MAGIC`, then frames (length in 4 bytes, big endian, and so many bytes): the genesis
 * document, each chunk, the metadata. At the end the place of the metadata's frame in 8 bytes, the SHA-256 of the
 * metadata, and `END`. The metadata comes last because it can only be known then; nothing is ever held but one frame.
 */
export const MAGIC = new TextEncoder().encode('icn-archive/1\n')
export const END = new TextEncoder().encode('\nicn-archive/1 end\n')
export const PLACE_BYTES = 8
const TRAILER_BYTES = PLACE_BYTES + 32 + END.length
const MAX_GENESIS_BYTES = 4_000_000

/** A file that is no archive of a state, or not the one that was written. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError'
  readonly code: 'NOT_AN_ARCHIVE' | 'ALTERED' | 'OTHER_VERSION'

  constructor(code: ArchiveError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** An archive whose beginning and end are in order; chunks are checked as they are read. */
export interface Archive {
  /** `genesis.json`, as text. */
  readonly genesis: string
  readonly manifest: Manifest
  /** Chunks in order, as they stand there. @throws ArchiveError */
  chunks(): Iterable<Uint8Array>
  close(): void
}

/** @throws ArchiveError */
export function openArchive(file: string): Archive {
  const descriptor = openSync(file, 'r')
  try {
    return readArchive(file, descriptor)
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

function readArchive(file: string, descriptor: number): Archive {
  const size = fstatSync(descriptor).size
  const version = new TextDecoder().decode(bytesAt(0, Math.min(size, MAGIC.length)))
  if (/^icn-archive\/\d+\n/.test(version) && !equalBytes(bytesAt(0, MAGIC.length), MAGIC))
    throw new ArchiveError('OTHER_VERSION', `${file} is an archive of another format: ${version.trim()}`)
  if (size < MAGIC.length + TRAILER_BYTES || !equalBytes(bytesAt(0, MAGIC.length), MAGIC))
    throw new ArchiveError('NOT_AN_ARCHIVE', `${file} is no archive of a state`)
  const trailer = bytesAt(size - TRAILER_BYTES, TRAILER_BYTES)
  if (!equalBytes(trailer.subarray(PLACE_BYTES + 32), END)) throw altered('its end is missing: it was cut, or changed')
  const place = Number(new DataView(trailer.buffer, trailer.byteOffset).getBigUint64(0))
  const metadata = frameAt(place, MAX_METADATA_BYTES)
  if (metadata === undefined || place + 4 + metadata.length !== size - TRAILER_BYTES)
    throw altered('its last frame is not where its end says')
  const manifest = decodeManifest(metadata)
  if (!equalBytes(sha256(metadata), trailer.subarray(PLACE_BYTES, PLACE_BYTES + 32)) || manifest === undefined)
    throw altered('its metadata does not have the hash that stands at its end')
  const genesis = frameAt(MAGIC.length, MAX_GENESIS_BYTES)
  if (genesis === undefined) throw altered('its genesis is not there')

  function bytesAt(at: number, length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    const read = readSync(descriptor, bytes, 0, length, at)
    if (read < length) throw altered('it ends early')
    return bytes
  }

  /** `undefined` for what cannot be a frame. */
  function frameAt(at: number, most: number): Uint8Array | undefined {
    if (at < MAGIC.length || at + 4 > size - TRAILER_BYTES) return undefined
    const head = bytesAt(at, 4)
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0)
    return length > most || at + 4 + length > size - TRAILER_BYTES ? undefined : bytesAt(at + 4, length)
  }

  function* chunks(): Iterable<Uint8Array> {
    let at = MAGIC.length + 4 + (genesis as Uint8Array).length
    for (let index = 0; index < chunksOf(manifest as Manifest); index++) {
      const chunk = frameAt(at, MAX_CHUNK_BYTES)
      if (chunk === undefined) throw altered(`chunk ${index} is not there`)
      yield chunk
      at += 4 + chunk.length
    }
    if (at !== place) throw altered('there is something between its chunks and its metadata')
  }

  const text = new TextDecoder().decode(genesis)
  return { genesis: text, manifest, chunks, close: () => closeSync(descriptor) }
}

export function altered(what: string): ArchiveError {
  return new ArchiveError('ALTERED', `the archive was altered: ${what}`)
}
