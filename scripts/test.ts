/**
 * Runs every test, or those whose path holds one of the words given: `npm test -- governance crash`.
 * Ends with the totals of the test runner; what a machine cannot run is printed as skipped with its reason.
 */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { setUpHostilePeer } from './chaos/hostile-peer.ts'
import { setUpCometBft } from './setup-cometbft.ts'
import { setUpPromtool } from './setup-prometheus.ts'

const words = process.argv.slice(2)
const files = ['packages', 'apps', 'vectors', 'scripts', 'examples', 'bench']
  .flatMap((folder) => globSync(`${folder}/**/*.test.ts`, { exclude: (path) => path.includes('node_modules') }))
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort()

if (files.length === 0) {
  console.error(`no test file matches ${words.join(' ')}`)
  process.exit(1)
}

// Tests of replication run a real CometBFT; it is built here once, which takes a minute or two.
if (files.some((file) => /cometbft/i.test(readFileSync(file, 'utf8')))) {
  const setup = setUpCometBft({ quiet: true })
  if (!setup.ok) console.error(`tests that need CometBFT are skipped: ${setup.reason}`)
}

if (files.some((file) => /setUpHostilePeer/.test(readFileSync(file, 'utf8')))) {
  const setup = setUpHostilePeer()
  if (!setup.ok) console.error(`faults that need a hostile peer are not tried: ${setup.reason}`)
}

if (files.some((file) => /setup-prometheus/.test(readFileSync(file, 'utf8')))) {
  const setup = setUpPromtool()
  if (!setup.ok) console.error(`tests that need promtool are skipped: ${setup.reason}`)
}

const { status, signal } = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=2', '--test-timeout=300000', '--test-reporter=spec', ...files],
  { stdio: 'inherit', env: { ...process.env, NODE_NO_WARNINGS: '1' } },
)
if (signal !== null) console.error(`the test runner was ended by ${signal}`)
process.exit(status ?? 1)
