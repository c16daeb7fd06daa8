import type { LocalNode } from '@icn/testkit/network'
import { type Fault, goOn, heightOf, hold, nameOf, othersThan, pickNode, type Scene } from '../fault.ts'
import type { Cut } from '../links.ts'

/** Blocks that were decided before the cut are still on their way to the disk. */
const UNDER_WAY = 2

/** One validator without any way to the others. */
export const cutOne: Fault = {
  name: 'cut-one',
  run: async (scene) => {
    const { mesh, nodes } = scene.field
    const { node, index } = pickNode(scene)
    const how = pickCut(scene)
    const others = [...nodes.keys()].filter((place) => place !== index)
    const before = Math.max(...(await heightsOf(nodes)))
    mesh.part([index], others, how)
    try {
      await hold(scene)
      await goOn(othersThan(scene.field, index))
      const height = await heightOf(node)
      if (height > before + UNDER_WAY) throw new Error(`${nameOf(index)} made blocks up to ${height} by itself`)
    } finally {
      mesh.heal()
    }
    return `${nameOf(index)} (${how})`
  },
}

/** Two halves: neither has more than two thirds of the votes, so neither may make a block. */
export const cutHalves: Fault = {
  name: 'cut-halves',
  run: async (scene) => {
    const { mesh, nodes } = scene.field
    const how = pickCut(scene)
    const order = scene.random.shuffle([...nodes.keys()])
    const half = Math.ceil(order.length / 2)
    const before = await heightsOf(nodes)
    mesh.part(order.slice(0, half), order.slice(half), how)
    try {
      await hold(scene)
      const highest = Math.max(...(await heightsOf(nodes)))
      if (highest > Math.max(...before) + UNDER_WAY)
        throw new Error(`a half of the network made blocks up to ${highest}`)
    } finally {
      mesh.heal()
    }
    return `${order.slice(0, half).map(nameOf).join('+')} from ${order.slice(half).map(nameOf).join('+')} (${how})`
  },
}

function pickCut({ field, random }: Scene): Cut {
  return random.pick(field.mesh.cuts)
}

function heightsOf(nodes: readonly LocalNode[]): Promise<number[]> {
  return Promise.all(nodes.map(heightOf))
}
