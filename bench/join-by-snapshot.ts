/**
 * A node that joins a network of a million members by a snapshot, while the network makes blocks: real nodes and CometBFT
 * processes on loopback. `node bench/join-by-snapshot.ts FOLDER` measures on a copy of what bench/votes/fixture.ts made.
 */
import { type ChildProcess, execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { init, join as joinNetwork } from '@icn/node/setup'
import { createLocalNode, freePorts, type LocalNode, until } from '@icn/testkit/network'
import { setUpCometBft } from '../scripts/setup-cometbft.ts'
import { type BenchResult, result } from './result.ts'
import { offerVotes, openBenchProposal } from './votes/offer.ts'

const MEMBERS = 1_000_000
const VOTERS = 24_000
/** What is offered to the network all the time. */
const VOTES_PER_SECOND = 50
const ALONE_MS = 20_000
const LONGEST_MS = 300_000

export async function run(): Promise<readonly BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'icn-bench-join-'))
  try {
    console.error(`join-by-snapshot: preparing a cooperative of ${MEMBERS} members`)
    const home = join(folder, 'first')
    execFileSync(process.execPath, ['bench/votes/fixture.ts', home, String(MEMBERS), String(VOTERS)])
    return await measure(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(folder: string): Promise<BenchResult[]> {
  const setup = setUpCometBft({ quiet: true })
  if (!setup.ok) throw new Error(setup.reason)
  const [first, second] = [join(folder, 'first'), join(folder, 'second')]
  await init(['--from', first, '--federation', 'none', ...(await portFlags())], process.env)
  await makeSnapshot(first)
  // Others have followed it: it makes blocks as fast as a follower can take them.
  writeFileSync(join(first, 'cometbft', 'followed'), '')
  const node = createLocalNode(first, ['--snapshots-blocks', '0', '--http-requests-per-second', '1000000'])
  const joiner = createLocalNode(second)
  let load: ChildProcess | undefined
  try {
    await node.start()
    load = await startLoad(node)
    const before = await blocksPerSecond(node, wait(ALONE_MS))
    await joinNetwork([node.url(), '--sync', node.url(), '--home', second, ...(await portFlags())], process.env)
    const startMs = performance.now()
    const synced = startAndCatchUp(joiner, node)
    const during = await blocksPerSecond(node, synced)
    const syncMs = performance.now() - startMs
    const used = [joiner.pid(), joiner.cometBftPid()].map((pid) => cpuSecondsOf(pid ?? 0).toFixed(0))
    const joining = `processor time of node and CometBFT ${used.join(' + ')} s, resident ${residentOf(joiner)} MB`
    const where = `${MEMBERS} members, ${VOTES_PER_SECOND} votes/s, both nodes and their CometBFT on one machine`
    return [
      result('state sync', syncMs / 1_000, 's', `${where}; from start to the last block; ${joining}`),
      result('blocks made meanwhile', during, 'blocks/s', where, { name: 'before', value: before }),
    ]
  } finally {
    load?.kill()
    await Promise.all([joiner.end('SIGKILL'), node.end('SIGTERM')])
  }
}

/** The network makes one by itself at a height that a small number divides; later it is only handed out. */
export async function makeSnapshot(home: string): Promise<void> {
  const node = createLocalNode(home, ['--snapshots-blocks', '5', '--consensus-idle-ms', '1000'])
  await node.start()
  const made = () => readdirSync(join(home, 'snapshots')).some((name) => /^\d+$/.test(name))
  await until('a snapshot', async () => made(), LONGEST_MS)
  await node.end('SIGTERM')
}

async function startLoad(node: LocalNode): Promise<ChildProcess> {
  const { height: from } = await askNetwork(node)
  const proposal = await openBenchProposal(node.url())
  const votes = ((ALONE_MS + LONGEST_MS) * VOTES_PER_SECOND) / 1_000
  const load = offerVotes(node.url(), proposal, { perSecond: VOTES_PER_SECOND, votes })
  // Ballots are signed before the first is sent.
  await until('the first votes', async () => (await askNetwork(node)).height > from + 10, LONGEST_MS)
  return load
}

export async function startAndCatchUp(joiner: LocalNode, node: LocalNode): Promise<void> {
  await joiner.start()
  const isThere = async () => {
    const [own, theirs] = [await askNetwork(joiner), await askNetwork(node)]
    return own.height > 0 && own.height >= theirs.height - 1
  }
  await until('the joining node', isThere, LONGEST_MS)
}

async function blocksPerSecond(node: LocalNode, end: Promise<unknown>): Promise<number> {
  const startMs = performance.now()
  const { height } = await askNetwork(node)
  await end
  return (1_000 * ((await askNetwork(node)).height - height)) / (performance.now() - startMs)
}

export async function askNetwork(node: LocalNode): Promise<{ readonly network: string; readonly height: number }> {
  const answer = await fetch(`${node.url()}/v1/network`)
  return (await answer.json()) as { network: string; height: number }
}

/** @see proc(5), utime and stime in ticks of 10 ms */
function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}

/** @see proc(5), VmRSS */
function residentOf(node: LocalNode): number {
  const status = readFileSync(`/proc/${node.pid()}/status`, 'utf8')
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024)
}

export async function portFlags(): Promise<string[]> {
  const [ports] = await freePorts(1)
  return [
    ...['--http-port', String(ports?.http), '--cometbft-p2p-port', String(ports?.p2p)],
    ...['--cometbft-rpc-port', String(ports?.rpc), '--cometbft-metrics-port', String(ports?.metrics)],
    ...['--cometbft-p2p-host', '127.0.0.1', '--cometbft-private-network', '--log-level', 'warn'],
  ]
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

const [source] = process.argv.slice(2)
if (import.meta.main && source !== undefined) {
  const folder = mkdtempSync(join(tmpdir(), 'icn-bench-join-'))
  try {
    cpSync(source, join(folder, 'first'), { recursive: true })
    console.log(await measure(folder))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
