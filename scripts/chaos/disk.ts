import { spawnSync } from 'node:child_process'
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** A file system of its own, small enough to be filled. */
export interface Disk {
  /** Takes all that is free, to the last byte. */
  fill(): void
  free(): void
  unmount(): void
}

const SIZE_MIB = 256
const BALLAST = 'ballast'
const MIB = 1024 * 1024

/** @returns `undefined` where this process may not mount anything */
export function mountDisk(folder: string): Disk | undefined {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const options = `size=${SIZE_MIB}m,mode=0700`
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'none', folder]).status !== 0) return undefined
  const ballast = join(folder, 'cometbft', BALLAST)

  function fill(): void {
    const descriptor = openSync(ballast, 'w')
    try {
      // In smaller and smaller pieces: the last page counts.
      for (let size = MIB; size >= 1; size = Math.floor(size / 16)) fillBy(descriptor, new Uint8Array(size))
    } finally {
      closeSync(descriptor)
    }
  }

  return {
    fill,
    free: () => rmSync(ballast, { force: true }),
    unmount: () => {
      spawnSync('umount', [folder])
    },
  }
}

function fillBy(descriptor: number, piece: Uint8Array): void {
  try {
    for (;;) writeSync(descriptor, piece)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}
