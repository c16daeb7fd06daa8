import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApplication } from '@icn/consensus'
import { createDevClock, createSolo, type DevClock, type Solo, type Timer } from '@icn/consensus/solo'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import { createMachine } from '@icn/state-machine'
import { openReader, openSqliteStore } from '@icn/state-store'
import { SIMULATED_START_MS } from '@icn/testkit'
import { givenNetwork } from '../../testkit/src/given-network.ts'
import { createMonitor, type Monitor, type MonitorOptions } from '../src/index.ts'

/** A real solo node over a real store, without HTTP; its clock stands still until the test moves it. */
export interface GivenNode {
  readonly home: string
  readonly clock: DevClock
  readonly solo: Solo
  /** The names of what was logged. */
  readonly logged: readonly string[]
  /** Starts a monitor with its own timer, which fires when the test says so. */
  watch(change?: Partial<MonitorOptions>): Promise<{ readonly monitor: Monitor; readonly fire: () => void }>
}

const verifyPool = createVerifyPool()

export async function withNode(work: (node: GivenNode) => Promise<void>): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'icn-monitor-'))
  const { genesis, validatorSeed } = givenNetwork({})
  const machine = createMachine({ genesis })
  const file = join(home, 'state.db')
  const store = openSqliteStore({ file, modules: machine.modules })
  const reader = openReader(file)
  const clock = createDevClock({ now: () => SIMULATED_START_MS })
  const application = createApplication({ machine, store, verifyPool })
  const never: Timer = () => () => {}
  const committed = store.committed()
  const solo = createSolo({ application, genesis, validatorSeed, committed, clock, timer: never })
  const monitors: Monitor[] = []
  const logged: string[] = []
  const logger = { warn: (_: unknown, message?: string) => void logged.push(message ?? '') } as MonitorOptions['logger']

  async function watch(change: Partial<MonitorOptions> = {}) {
    let call = () => {}
    const timer: Timer = (_, own) => {
      call = own
      return () => {
        call = () => {}
      }
    }
    const options = {
      consensus: solo,
      reader,
      home,
      version: '0.1.0',
      idleMs: 600_000,
      logger,
      clock,
      timer,
      ...change,
    }
    const monitor = await createMonitor(options)
    monitors.push(monitor)
    return { monitor, fire: () => call() }
  }

  try {
    await work({ home, clock, solo, logged, watch })
  } finally {
    for (const monitor of monitors) await monitor.close()
    await solo.close()
    reader.close()
    await store.close()
    rmSync(home, { recursive: true })
  }
}
