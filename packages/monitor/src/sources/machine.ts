import { statfs } from 'node:fs/promises'
import { freemem, totalmem } from 'node:os'
import type { Machine } from '../status.ts'
import { readControlGroup } from './control-group.ts'

/**
 * Memory and disk as the node sees them: inside a container, or a unit with a limit, the memory that these may have.
 *
 * @param folder - the data folder
 */
export async function readMachine(folder: string): Promise<Machine> {
  const [disk, group] = await Promise.all([statfs(folder).catch(() => undefined), readControlGroup()])
  const totalBytes = totalmem()
  const isLimited = group !== undefined && group.limitBytes < totalBytes
  const memory = isLimited
    ? { usedBytes: group.usedBytes, totalBytes: group.limitBytes }
    : // On Linux `freemem` counts what can be had without swapping (MemAvailable).
      { usedBytes: totalBytes - freemem(), totalBytes }
  return {
    memory: { processBytes: process.memoryUsage.rss(), ...memory },
    // What a process without special rights may still write.
    disk: disk === undefined ? null : { freeBytes: disk.bavail * disk.bsize, totalBytes: disk.blocks * disk.bsize },
  }
}
