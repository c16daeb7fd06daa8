import { setTimeout as pause } from 'node:timers/promises'
import type { LocalNode } from '@icn/testkit/network'
import { type CrashPoint, crashPoints, crashVariable } from '../crash-point.ts'
import { endOf, type Fault, goOn, nameOf, othersThan, pickNode } from '../fault.ts'
import { breakNextCometBft } from '../field.ts'

/**
 * Calls of `fail.Fail()` in CometBFT 0.38.25 on the way to one block: after each own vote was written, before and after
 * the block, the end of the height and the state are written, before and after Commit.
 */
const COMETBFT_POINTS = 11
const COMBINATIONS = COMETBFT_POINTS * crashPoints.length
/** Has no divisor in common with their number, so as many rounds as there are combinations try each once. */
const STRIDE = 31
const PATIENCE_MS = 60_000
const PRELOAD = new URL('../crash-points.ts', import.meta.url).pathname

/** CometBFT dies at one of its steps of a commit; then, soon after it is back, the node at one of its own. */
export const commitSteps: Fault = {
  name: 'commit-steps',
  run: async (scene) => {
    const { random, nth } = scene
    const { node, index } = pickNode(scene)
    const place = (nth * STRIDE) % COMBINATIONS
    const step = place % COMETBFT_POINTS
    const point = crashPoints[Math.floor(place / COMETBFT_POINTS)] as CrashPoint
    await node.end('SIGTERM')
    const startMs = Date.now()
    breakNextCometBft(node, { FAIL_TEST_INDEX: String(step) })
    const environment = crashVariable(point, 2 + random.below(2))
    // It may die before it serves.
    const starting = node.start([], { runtime: ['--import', PRELOAD], environment }).catch(() => {})
    await Promise.race([starting, pause(PATIENCE_MS, undefined, { ref: false })])
    const code = await endOf(node, PATIENCE_MS)
    if (code !== null)
      throw new Error(`${nameOf(index)} was to die at ${point}, and ended with ${code}:\n${node.log()}`)
    // The node may come to its own step before CometBFT comes to the one that it was to die at: then that is said.
    const isBoth = hasLostCometBft(node, startMs)
    await goOn(othersThan(scene.field, index))
    await node.start()
    const which = isBoth ? 'at' : 'still before'
    return `${nameOf(index)} (CometBFT ${which} its call ${step}, node at ${point})`
  },
}

/** Whether the node has said since then that its CometBFT ended. */
function hasLostCometBft(node: LocalNode, sinceMs: number): boolean {
  const lines = node.log().matchAll(/"time":(\d+)[^\n]*CometBFT ended/g)
  return [...lines].some(([, time]) => Number(time) >= sinceMs)
}
