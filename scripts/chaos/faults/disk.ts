import { spawnSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { LocalNode } from '@icn/testkit/network'
import { endOf, type Fault, goOn, hold, nameOf, othersThan, type Scene } from '../fault.ts'

const PATIENCE_MS = 90_000

/** No byte more on the disk of the last node, which must halt rather than go on without writing; then there is room again. */
export const fullDisk: Fault = {
  name: 'disk-full',
  lacking: ({ disk }) => (disk === undefined && !canLimit() ? 'neither mount nor prlimit may be used here' : undefined),
  run: async (scene) => {
    const { disk, nodes } = scene.field
    const index = nodes.length - 1
    const node = nodes[index] as LocalNode
    const undo = disk === undefined ? limitFiles(node) : fill(disk)
    try {
      const code = await endOf(node, PATIENCE_MS)
      if (code === 0 || code === -1)
        throw new Error(`${nameOf(index)} went on without a disk (${code}):\n${node.log()}`)
      await holdWithout(scene, index)
      undo()
      await node.start()
      const how = disk === undefined ? 'RLIMIT_FSIZE' : 'tmpfs'
      return `${nameOf(index)} (${how}, ended with ${code})`
    } finally {
      undo()
    }
  },
}

async function holdWithout(scene: Scene, index: number): Promise<void> {
  await hold(scene)
  await goOn(othersThan(scene.field, index))
}

function fill(disk: NonNullable<Scene['field']['disk']>): () => void {
  disk.fill()
  return disk.free
}

function canLimit(): boolean {
  return spawnSync('prlimit', ['--version']).status === 0
}

/** Where no disk of its own can be had: no file may grow (EFBIG). The limit ends with the processes that it is set on. */
function limitFiles(node: LocalNode): () => void {
  const size = statSync(join(node.home, 'state.db-wal')).size
  for (const pid of [node.pid(), node.cometBftPid()]) {
    if (pid !== undefined) spawnSync('prlimit', ['--pid', String(pid), `--fsize=${size}`])
  }
  return () => {}
}
