import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { MAX_CHUNK_BYTES } from './manifest.ts'

/** What is kept and sent of a chunk: a zstd frame (RFC 8878). Its hash is of the chunk itself, whichever version compressed it. */
export function compress(chunk: Uint8Array): Uint8Array {
  return zstdCompressSync(chunk, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
}

/** @returns `undefined` for what is no such frame, or holds more than a chunk may */
export function decompress(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length > MAX_CHUNK_BYTES) return undefined
  try {
    return zstdDecompressSync(bytes, { maxOutputLength: MAX_CHUNK_BYTES })
  } catch {
    // Whatever is wrong with the bytes, they are not the chunk.
    return undefined
  }
}
