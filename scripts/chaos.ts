/**
 * `npm run chaos -- [--rounds N] [--from R] [--seed S] [--validators 4] [--fault NAME,…] [--long] [--clock] [--namespaces]`:
 * harms a network of real nodes and CometBFT processes on loopback, or in network namespaces, in one way after the other, under a steady load of votes, and compares after each round
 * what all nodes have committed. Ends with 1 and the seed where something is wrong.
 */
import { parseArgs } from 'node:util'
import { setUpClocks } from './chaos/clock.ts'
import { faults } from './chaos/faults/index.ts'
import { setUpHostilePeer } from './chaos/hostile-peer.ts'
import { isInside, lackOfNamespaces, runInside } from './chaos/namespaces.ts'
import { chaosRounds } from './chaos/rounds.ts'
import { setUpCometBft } from './setup-cometbft.ts'

const USAGE = `usage: npm run chaos -- [--rounds N] [--from R] [--seed S] [--validators N] [--fault NAME,…] [--long] [--clock] [--namespaces]
faults: ${faults.map(({ name }) => name).join(', ')}`

/** The others reach ports of a node that its namespace alone has. */
const IN_NAMESPACES = [
  'kill-node',
  'kill-cometbft',
  'kill-both',
  'pause-node',
  'pause-cometbft',
  'cut-one',
  'cut-halves',
]

function readOptions() {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      validators: { type: 'string', default: '4' },
      fault: { type: 'string' },
      long: { type: 'boolean', default: false },
      clock: { type: 'boolean', default: false },
      namespaces: { type: 'boolean', default: false },
    },
  })
  const withNamespaces = values.namespaces
  const able = withNamespaces ? faults.filter(({ name }) => IN_NAMESPACES.includes(name)) : faults
  const names = values.fault?.split(',') ?? able.map(({ name }) => name)
  const given = [values.rounds ?? String(names.length), values.from, values.seed, values.validators]
  const [rounds = 0, from = 0, seed = 0, validators = 0] = given.map((text) =>
    /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN,
  )
  if (!(rounds >= 1 && from >= 1 && seed >= 0 && validators >= 4 && validators <= 20))
    throw new RangeError('expected 1 or more rounds, the first from 1 on, a seed from 0 on, and 4 to 20 validators')
  const unknown = names.filter((name) => !able.some((fault) => fault.name === name))
  if (unknown.length > 0) throw new RangeError(`there is no fault ${unknown.join(', ')}`)
  const chosen = faults.filter(({ name }) => names.includes(name))
  const { long: isLong, clock: withClock } = values
  return { rounds, from, seed, validators, faults: chosen, isLong, withClock, withNamespaces }
}

async function run(options: ReturnType<typeof readOptions>): Promise<number> {
  const setup = setUpCometBft({ quiet: true })
  if (!setup.ok) {
    console.error(setup.reason)
    return 2
  }
  const { rounds, from, seed, validators, withClock, withNamespaces } = options
  if (withNamespaces && !isInside()) {
    const lacking = lackOfNamespaces()
    if (lacking === undefined) return runInside()
    console.error(lacking)
    return 2
  }
  if (withClock) for (const trouble of setUpClocks()) console.error(trouble)
  if (options.faults.some(({ name }) => ['hostile-peer', 'crowd'].includes(name))) {
    const peer = setUpHostilePeer()
    if (!peer.ok) console.error(peer.reason)
  }
  const stopping = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stopping.abort())
  console.log(`rounds ${from} to ${from + rounds - 1} on ${validators} validators with seed ${seed}`)
  try {
    const onLine = (line: string) => console.log(line)
    const report = await chaosRounds({ ...options, cometBft: setup.path, onLine, stopping: stopping.signal })
    for (const line of report.lacking) console.log(`not tried: ${line}`)
    const { acknowledged, blocks } = report
    console.log(
      `${acknowledged} acknowledged votes in ${blocks} blocks: none lost, none twice; equal roots in all nodes`,
    )
    return 0
  } catch (error) {
    console.error((error as Error).message)
    return 1
  }
}

try {
  process.exit(await run(readOptions()))
} catch (error) {
  console.error(`${(error as Error).message}\n${USAGE}`)
  process.exit(2)
}
