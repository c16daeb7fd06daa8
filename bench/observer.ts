/**
 * What an observer serves: a real validator and a real observer with their CometBFT processes on loopback, and whoever asks, all
 * on the same cores. `npm run bench -- observer`.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { init, join as joinNetwork } from '@icn/node/setup'
import { createLocalNode, type LocalNode, until } from '@icn/testkit/network'
import { setUpCometBft } from '../scripts/setup-cometbft.ts'
import { askNetwork, makeSnapshot, portFlags, startAndCatchUp } from './join-by-snapshot.ts'
import { measureReads, type ReadFigures, type ReadKind } from './observer/reads.ts'
import { lagOf, openStream, type Stream } from './observer/streams.ts'
import { cpuMs, residentMb } from './process-figures.ts'
import { type BenchResult, result } from './result.ts'
import { ORG } from './votes/fixture.ts'
import { benchKey } from './votes/keys.ts'
import { type BenchProposal, offerVotes, openBenchProposal } from './votes/offer.ts'

const MEMBERS = 100_000
const VOTES_PER_SECOND = 100
const VOTERS = 20_001
/** These have voted before anything is asked about their ballots. */
const EARLY = 500
const CONNECTIONS = 16
const STREAMS = 100
const EACH_MS = 5_000
const FOLLOW_MS = 8_000
/** Reads in a second while votes come. */
const OFFERED = [0, 250, 500, 1_000, 2_000]
const LONGEST_MS = 90_000

export async function run(): Promise<readonly BenchResult[]> {
  const setup = setUpCometBft({ quiet: true })
  if (!setup.ok) throw new Error(setup.reason)
  const folder = mkdtempSync(join(tmpdir(), 'icn-bench-observer-'))
  const [first, second] = [join(folder, 'first'), join(folder, 'second')]
  const flags = ['--snapshots-blocks', '0', '--http-requests-per-second', '1000000']
  const [node, observer] = [createLocalNode(first, flags), createLocalNode(second, flags)]
  try {
    console.error(`observer: preparing a cooperative of ${MEMBERS} members`)
    execFileSync(process.execPath, ['bench/votes/fixture.ts', first, String(MEMBERS), String(VOTERS)])
    await init(['--from', first, '--federation', 'none', ...(await portFlags())], process.env)
    await makeSnapshot(first)
    await node.start()
    const { url } = node
    await until('blocks after the snapshot', async () => (await askNetwork(node)).height > 10)
    await joinNetwork([url(), '--sync', url(), '--home', second, ...(await portFlags())], process.env)
    await startAndCatchUp(observer, node)
    return await measure(node, observer)
  } finally {
    await Promise.all([observer.end('SIGKILL'), node.end('SIGKILL')])
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measure(node: LocalNode, observer: LocalNode): Promise<BenchResult[]> {
  const proposal = await openBenchProposal(node.url())
  const kinds = kindsOf(proposal)
  const load = offerVotes(node.url(), proposal, { perSecond: VOTES_PER_SECOND, votes: VOTERS - 1 })
  try {
    const turnout = async () => {
      const answer = await fetch(`${observer.url()}/v1/proposals/${proposal.id}`)
      return ((await answer.json()) as { readonly turnout: number }).turnout
    }
    await until('the first ballots at the observer', async () => (await turnout()) > EARLY, LONGEST_MS)
    const busy: BenchResult[] = []
    for (const perSecond of OFFERED) {
      console.error(`observer: ${VOTES_PER_SECOND} votes/s, ${perSecond} reads/s offered`)
      busy.push(...(await following(node, observer, kinds, perSecond)))
    }
    const streams = await streamed(observer)
    if (load.exitCode !== null) throw new Error('the votes ended before the last figure')
    load.kill()
    console.error('observer: no votes, as many reads as it answers')
    await caughtUp(observer, node)
    const quiet: BenchResult[] = []
    for (const kind of kinds) quiet.push(await closed(observer, kind))
    return [...quiet, ...busy, ...streams]
  } finally {
    load.kill()
  }
}

async function caughtUp(observer: LocalNode, node: LocalNode): Promise<void> {
  const { height } = await askNetwork(node)
  await until(`block ${height}`, async () => (await askNetwork(observer)).height >= height, LONGEST_MS)
}

function kindsOf({ id }: BenchProposal): readonly ReadKind[] {
  const voter = (index: number) => benchKey(1 + (index % EARLY)).did
  const dids = Array.from({ length: EARLY }, (_, index) => voter(index))
  const did = (index: number) => dids[index % EARLY]
  return [
    { name: 'a proposal', path: () => `/v1/proposals/${id}` },
    { name: 'a proposal with its proof', path: () => `/v1/proposals/${id}?proof=1` },
    { name: 'a page of 50 members', path: () => `/v1/organizations/${ORG}/members?limit=50` },
    { name: 'a member with its proof', path: (index) => `/v1/organizations/${ORG}/members/${did(index)}?proof=1` },
    { name: 'a page of 50 ballots', path: () => `/v1/proposals/${id}/votes?limit=50` },
    { name: 'a ballot with its proof', path: (index) => `/v1/proposals/${id}/votes/${did(index)}?proof=1` },
  ]
}

const WHERE = `${MEMBERS} members; validator, its CometBFT, the observer, its CometBFT and those who ask on the same cores`

function wordsOf({ p50Ms, p99Ms, nodeShare, answerBytes }: ReadFigures): string {
  const waits = `${p50Ms.toFixed(1)} ms at the median, ${p99Ms.toFixed(1)} ms at the 99th percentile`
  return `${waits}, ${Math.round(answerBytes)} bytes each, ${Math.round(100 * nodeShare)} % of a core for the observer; ${WHERE}`
}

/** As many as it answers when nothing else is to be done. */
async function closed(observer: LocalNode, kind: ReadKind): Promise<BenchResult> {
  const asking = { connections: CONNECTIONS, ms: EACH_MS }
  const figures = await measureReads(observer.url(), observer.pid() ?? 0, [kind], asking)
  const where = `no votes, ${CONNECTIONS} connections, ${wordsOf(figures)}`
  return result(kind.name, figures.perSecond, 'reads/s', where)
}

/** So many of all kinds while votes come, and how much later what happens comes to whoever listens there than at the validator. */
async function following(
  node: LocalNode,
  observer: LocalNode,
  kinds: readonly ReadKind[],
  perSecond: number,
): Promise<BenchResult[]> {
  await caughtUp(observer, node)
  const streams = await Promise.all([openStream(node.url(), true), openStream(observer.url(), true)])
  const startMs = performance.now()
  const asking = { connections: CONNECTIONS, ms: FOLLOW_MS, perSecond }
  const figures = perSecond === 0 ? undefined : await measureReads(observer.url(), observer.pid() ?? 0, kinds, asking)
  if (figures === undefined) await pause(FOLLOW_MS)
  const endMs = performance.now()
  await caughtUp(observer, node)
  const lags = lagOf(streams[0], streams[1], startMs, endMs)
  for (const stream of streams) stream.close()
  const at = (share: number) => lags[Math.floor(lags.length * share)] ?? Number.NaN
  const when = `${VOTES_PER_SECOND} votes/s and ${perSecond} reads/s offered`
  const where = `${lags.length} events, ${Math.round(residentMb(observer.pid() ?? 0))} MB resident; ${WHERE}`
  return [
    ...(figures === undefined ? [] : [result(`${when}: answered`, figures.perSecond, 'reads/s', wordsOf(figures))]),
    result(`${when}: behind the validator, median`, at(0.5), 'ms', where),
    result(`${when}: behind the validator, 99th percentile`, at(0.99), 'ms', where),
  ]
}

async function streamed(observer: LocalNode): Promise<BenchResult[]> {
  const streams: readonly Stream[] = await Promise.all(
    Array.from({ length: STREAMS }, () => openStream(observer.url(), false)),
  )
  const pid = observer.pid() ?? 0
  const count = () => streams.reduce((sum, stream) => sum + stream.count(), 0)
  const [before, cpuBefore, startMs] = [count(), cpuMs(pid), performance.now()]
  await pause(EACH_MS)
  const tookMs = performance.now() - startMs
  const perSecond = (1_000 * (count() - before)) / tookMs
  const share = Math.round((100 * (cpuMs(pid) - cpuBefore)) / tookMs)
  for (const stream of streams) stream.close()
  const where = `${STREAMS} streams of everything, ${share} % of a core for the observer; ${WHERE}`
  return [result(`${VOTES_PER_SECOND} votes/s: events handed out`, perSecond, 'events/s', where)]
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
