import { statfs } from 'node:fs/promises'
import { freemem, totalmem } from 'node:os'
import type { Machine } from '../status.ts'

/**
 * Memory and disk as the node sees them. Inside a container the memory is what the container may have: Node reads the
 * limits of its control group (`process.constrainedMemory`, `process.availableMemory`).
 *
 * @param folder - the data folder
 */
export async function readMachine(folder: string): Promise<Machine> {
  const disk = await statfs(folder).catch(() => undefined)
  return {
    memory: memory(),
    // What a process without special rights may still write.
    disk: disk === undefined ? null : { freeBytes: disk.bavail * disk.bsize, totalBytes: disk.blocks * disk.bsize },
  }
}

function memory(): NonNullable<Machine['memory']> {
  const all = totalmem()
  const limit = process.constrainedMemory()
  const totalBytes = limit > 0 && limit < all ? limit : all
  const available = process.availableMemory() || freemem()
  return { processBytes: process.memoryUsage.rss(), usedBytes: Math.max(0, totalBytes - available), totalBytes }
}
