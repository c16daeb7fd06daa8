import { until } from '@icn/testkit/network'
import { type Fault, goOn, hold, nameOf, othersThan, pickNode, type Scene } from '../fault.ts'
import { signal } from '../field.ts'

export const pauseNode: Fault = {
  name: 'pause-node',
  run: (scene) => paused(scene, (node) => node.pid()),
}

export const pauseCometBft: Fault = {
  name: 'pause-cometbft',
  run: (scene) => paused(scene, (node) => node.cometBftPid()),
}

/** SIGSTOP, then SIGCONT: the process comes back with a clock that jumped and with connections that are hours old to it. */
async function paused(
  scene: Scene,
  pidOf: (node: ReturnType<typeof pickNode>['node']) => number | undefined,
): Promise<string> {
  const { node, index } = pickNode(scene)
  const pid = await until('a process', async () => pidOf(node))
  signal(pid, 'SIGSTOP')
  try {
    await hold(scene)
    await goOn(othersThan(scene.field, index))
  } finally {
    signal(pid, 'SIGCONT')
  }
  return nameOf(index)
}
