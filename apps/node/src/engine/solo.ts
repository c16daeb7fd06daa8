import { createDevClock, createSolo, type DevClock } from '@icn/consensus/solo'
import { type Configuration, ConfigurationError } from '../config/load.ts'
import type { Engine, EngineOptions } from './engine.ts'

/**
 * This node alone makes the blocks.
 *
 * @throws WrongValidators; ConfigurationError for `--dev-clock` on a network of several validators
 */
export function startSolo({ configuration, home, application, committed }: EngineOptions): Engine {
  const { genesis, validatorSeed } = home
  const { values } = configuration
  const clock = devClockFor(configuration, genesis.validators.length)
  const last = committed()
  const consensus = createSolo({
    application,
    genesis,
    validatorSeed,
    committed: last,
    maxWaiting: values['consensus.maxWaiting'],
    idleMs: values['consensus.idleMs'],
    ...(clock === undefined ? {} : { clock }),
  })
  // It was put forward before the last stop: what was gained then is not lost.
  clock?.putForward(Math.max(0, last.timeMs - Date.now()))
  const devClock = clock === undefined ? {} : { devClock: { advance: (ms: number) => consensus.advance(clock, ms) } }
  return { consensus, ...devClock, halted: consensus.halted, close: consensus.close }
}

function devClockFor({ devClock }: Configuration, validators: number): DevClock | undefined {
  if (!devClock) return undefined
  if (validators === 1) return createDevClock()
  throw new ConfigurationError(`--dev-clock is for a network of one validator; this one has ${validators}`)
}
