import type { Fault } from '../fault.ts'
import { altered } from './altered.ts'
import { clockOff } from './clock.ts'
import { commitSteps } from './commit-steps.ts'
import { crowd } from './crowd.ts'
import { cutHalves, cutOne } from './cut.ts'
import { fullDisk } from './disk.ts'
import { garbage } from './garbage.ts'
import { hostilePeer } from './hostile-peer.ts'
import { killBoth, killCometBft, killNode } from './kill.ts'
import { pauseCometBft, pauseNode } from './pause.ts'
import { twin } from './twin.ts'

/** Everything that is done to a network; docs/faults.md says what each does to members. */
export const faults: readonly Fault[] = [
  killNode,
  killCometBft,
  killBoth,
  pauseNode,
  pauseCometBft,
  cutOne,
  cutHalves,
  fullDisk,
  clockOff,
  garbage,
  hostilePeer,
  crowd,
  commitSteps,
  altered,
  twin,
]
