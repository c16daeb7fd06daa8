import { until } from '@icn/testkit/network'
import { type Fault, goOn, hold, nameOf, othersThan, pickNode, type Scene } from '../fault.ts'
import { signal } from '../field.ts'

/** SIGKILL of a node; its CometBFT ends with it. */
export const killNode: Fault = {
  name: 'kill-node',
  run: (scene) => killed(scene, false),
}

export const killBoth: Fault = {
  name: 'kill-both',
  run: (scene) => killed(scene, true),
}

async function killed(scene: Scene, isBoth: boolean): Promise<string> {
  const { node, index } = pickNode(scene)
  const pid = node.cometBftPid()
  if (isBoth && pid !== undefined) signal(pid, 'SIGKILL')
  await node.end('SIGKILL')
  await hold(scene)
  await goOn(othersThan(scene.field, index))
  await node.start()
  return nameOf(index)
}

/** SIGKILL of a CometBFT; its node starts another. */
export const killCometBft: Fault = {
  name: 'kill-cometbft',
  run: async (scene) => {
    const { node, index } = pickNode(scene)
    const own = node.pid()
    const pid = await until('a CometBFT', async () => node.cometBftPid())
    signal(pid, 'SIGKILL')
    await until('another CometBFT', async () => node.cometBftPid() !== pid && node.cometBftPid())
    if (node.pid() !== own) throw new Error(`${nameOf(index)} itself ended with its CometBFT`)
    await goOn(othersThan(scene.field, index))
    return nameOf(index)
  },
}
