import { closeSync, fsyncSync, openSync, writeFileSync } from 'node:fs'

/** Writes a new file; when this returns, its bytes are on the disk, its name once the folder is synced. @throws where it is there */
export function writeSynced(file: string, bytes: Uint8Array | string, mode = 0o644): void {
  const descriptor = openSync(file, 'wx', mode)
  try {
    writeFileSync(descriptor, bytes)
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Brings the bytes of a file to the disk. */
export function syncFile(file: string): void {
  const descriptor = openSync(file, 'r+')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Brings to the disk what was made, renamed or removed in a folder. */
export function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
