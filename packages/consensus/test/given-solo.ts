import { createVerifyPool } from '@icn/crypto/verify-pool'
import type { Genesis, NetworkParams } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import type { StateStore } from '@icn/state-machine/kernel'
import { SIMULATED_START_MS } from '@icn/testkit'
import { givenNetwork } from '../../testkit/src/given-network.ts'
import type { OpenStore } from '../../testkit/src/given-store.ts'
import { type Application, type CommittedBlock, createApplication } from '../src/index.ts'
import { createDevClock, createSolo, type DevClock, type Solo, type Timer } from '../src/solo/index.ts'

export const IDLE_MS = 600_000
export const HOUR_MS = 3_600_000

/** A solo engine whose clock stands still until the test moves it, and whose timer fires when the test says so. */
export interface GivenSolo {
  readonly solo: Solo
  readonly genesis: Genesis
  readonly store: StateStore
  readonly clock: DevClock
  readonly blocks: readonly CommittedBlock[]
  /** When the timer would fire, by the clock; `undefined` while none is set. */
  timerDueMs(): number | undefined
  /** Fires the timer now, whatever the clock says. */
  fire(): void
  /** Moves the clock to where the timer is due, fires it, and answers the block that comes of it. */
  blockByTimer(): Promise<CommittedBlock>
  nextBlock(): Promise<CommittedBlock>
  /** Closes, opens the store again, goes on. */
  restart(): Promise<void>
}

interface Options {
  readonly params?: Partial<NetworkParams>
  readonly around?: (application: Application) => Partial<Application>
  /** Of the machine. */
  readonly countUnitsPerBlock?: number
}

/** One worker for a whole test file; it keeps nothing alive. */
const verifyPool = createVerifyPool()

export async function withSolo(
  openStore: OpenStore,
  work: (given: GivenSolo) => Promise<void>,
  { params, around, ...units }: Options = {},
): Promise<void> {
  const { genesis, validatorSeed } = givenNetwork(params)
  const machine = createMachine({ genesis, ...units })
  const opened = openStore(machine.modules)
  const clock = createDevClock({ now: () => SIMULATED_START_MS })
  const blocks: CommittedBlock[] = []
  let set: { readonly dueMs: number; readonly call: () => void } | undefined
  const timer: Timer = (afterMs, call) => {
    const own = { dueMs: clock.now() + afterMs, call }
    set = own
    return () => {
      if (set === own) set = undefined
    }
  }
  let solo = start()

  function start(): Solo {
    const { store } = opened
    const bare = createApplication({ machine, store, verifyPool })
    const application = { ...bare, ...around?.(bare) }
    const committed = store.committed()
    const engine = createSolo({ application, genesis, validatorSeed, committed, clock, timer, idleMs: IDLE_MS })
    engine.onCommit((block) => blocks.push(block))
    return engine
  }

  function fire(): void {
    const call = set?.call
    set = undefined
    call?.()
  }

  function nextBlock(): Promise<CommittedBlock> {
    const { promise, resolve } = Promise.withResolvers<CommittedBlock>()
    const leave = solo.onCommit((block) => {
      leave()
      resolve(block)
    })
    return promise
  }

  try {
    await work({
      get solo() {
        return solo
      },
      get store() {
        return opened.store
      },
      genesis,
      clock,
      blocks,
      timerDueMs: () => set?.dueMs,
      fire,
      nextBlock,
      blockByTimer: () => {
        const block = nextBlock()
        clock.putForward(Math.max(0, (set?.dueMs ?? 0) - clock.now()))
        fire()
        return block
      },
      restart: async () => {
        await solo.close()
        await opened.restart()
        solo = start()
      },
    })
  } finally {
    await solo.close()
    await opened.dispose()
  }
}
