import { clockCometBft, clockLibrary } from '../clock.ts'
import { type Fault, goOn, hold, nameOf, pickNode } from '../fault.ts'
import { breakNextCometBft } from '../field.ts'

/** Block time is the median of the validators' clocks: one of four does not move it by more than the others differ. */
const MOST_APART_MS = 60_000

/** The clocks of one node and of its CometBFT are an hour ahead or behind; then they are right again. */
export const clockOff: Fault = {
  name: 'clock-off',
  lacking: () =>
    clockCometBft() === undefined
      ? 'there is no CometBFT whose clock can be set: npm run chaos -- --clock builds it'
      : undefined,
  run: async (scene) => {
    const { field, nth } = scene
    const { node, index } = pickNode(scene)
    const offset = nth % 2 === 0 ? '+1h' : '-1h'
    const library = clockLibrary()
    await node.end('SIGTERM')
    breakNextCometBft(node, { CHAOS_COMETBFT: clockCometBft() ?? '', CHAOS_CLOCK: offset })
    // The monotonic clock goes on as it is: it has no hour to be off by.
    const faked = { LD_PRELOAD: library, FAKETIME: offset, FAKETIME_DONT_FAKE_MONOTONIC: '1' }
    await node.start([], library === undefined ? {} : { environment: faked })
    await hold(scene)
    await goOn(field.nodes)
    for (const each of field.nodes) {
      const { time } = (await (await fetch(`${each.url()}/v1/network`)).json()) as { time: string }
      const apart = Math.abs(Date.parse(time) - Date.now())
      if (apart > MOST_APART_MS) throw new Error(`the clock of ${nameOf(index)} moved block time to ${time}`)
    }
    await node.end('SIGTERM')
    await node.start()
    return `${nameOf(index)} (CometBFT${library === undefined ? '' : ' and node'} ${offset})`
  },
}
