import { setTimeout as pause } from 'node:timers/promises'
import { until } from '@icn/testkit/network'
import { type Fault, goOn, heightOf, nameOf, othersThan, pickNode } from '../fault.ts'
import { lackOfHostilePeer, peerAddress, startHostilePeer } from '../hostile-peer.ts'

/** Strangers have every place by then. */
const CROWDED_MS = 2_000
const PATIENCE_MS = 60_000

/** Strangers take every place for peers at every node, and stay; a validator that starts anew meanwhile must find its way in. */
export const crowd: Fault = {
  name: 'crowd',
  lacking: lackOfHostilePeer,
  run: async (scene) => {
    const { field } = scene
    const { node, index } = pickNode(scene)
    const network = field.network.genesis.chainId
    const strangers = startHostilePeer({
      network,
      seed: 0,
      addresses: [],
      groups: [],
      crowded: field.nodes.map(peerAddress),
    })
    try {
      await pause(CROWDED_MS)
      await node.end('SIGKILL')
      await goOn(othersThan(field, index))
      await node.start()
      const others = await Promise.all(othersThan(field, index).map(heightOf))
      const isBack = async () => (await heightOf(node)) > Math.max(...others)
      await until(`${nameOf(index)} among its peers`, isBack, PATIENCE_MS)
      await strangers.end()
    } finally {
      strangers.kill()
    }
    return nameOf(index)
  },
}
