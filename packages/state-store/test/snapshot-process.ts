/** A node that makes or restores a snapshot until somebody kills it: `TASK HOME SOURCE`, a line for each step. */
import { join } from 'node:path'
import { openSnapshotFolder } from '../src/snapshots/folder.ts'
import { decodeManifest } from '../src/snapshots/manifest.ts'
import { givenNode } from './given-snapshots.ts'

const [task, home = '', source = ''] = process.argv.slice(2)
const node = givenNode('', { home, onProgress: ({ done }) => console.log(`${task} ${done}`) })
console.log('open')
if (task === 'make') await node.snapshots.make()
else await restore()
console.log('done')
// Whoever started this ends it.
setInterval(() => {}, 1_000)

async function restore(): Promise<void> {
  const folder = openSnapshotFolder(join(source, 'snapshots'), 2)
  const [info] = folder.list()
  const appHash = decodeManifest(info?.metadata ?? new Uint8Array())?.appHash
  if (info === undefined || appHash === undefined) throw new Error('there is no snapshot')
  await node.snapshots.offer(info, appHash)
  for (let index = 0; index < info.chunks; index++)
    await node.snapshots.apply(index, folder.load(info.height, index) ?? new Uint8Array(), 'peer')
}
