import { until } from '@icn/testkit/network'
import { cpuMs } from '../process-figures.ts'
import { type BenchResult, result } from '../result.ts'
import type { Arena } from './arena.ts'
import { longestGapMs } from './load.ts'

const WHERE = '4 validators: 4 nodes, 4 CometBFT processes and the load generator on the same cores'
const LATENCY_PER_SECOND = 100
const MISSED = 10_000
const IDLE_MS = 60_000
/** V8 collects what the load left when nothing has happened for a while, a second of processor time in a minute; an idle network has done so. */
const REST_MS = 60_000

/** Submit to committed at an even pace. */
export async function latency(arena: Arena): Promise<BenchResult[]> {
  const { p50Ms, p99Ms, refused } = await pace(arena, 30)
  const where = `${LATENCY_PER_SECOND}/s offered for 30 s (open loop), ${refused} refused, ${WHERE}`
  return [
    result('4 validators: submit to committed, p50', p50Ms, 'ms', where),
    result('4 validators: submit to committed, p99', p99Ms, 'ms', where),
  ]
}

/** The same while far more comes in at once than the network commits in that time. */
export async function flood(arena: Arena, count: number): Promise<BenchResult[]> {
  const [steady, burst] = await Promise.all([
    pace(arena, 20),
    arena.offer({ perSecond: 1_000_000, count, wait: 'accepted', connections: 16 }),
  ])
  const blocks = await arena.blocks(steady.startMs)
  const where = `${count} votes at once in requests of 500, ${burst.refused} of them refused (${firstName(burst.firstRefusal)}), ${WHERE}`
  return [
    result('flood: longest time between blocks', longestGapMs(blocks), 'ms', where),
    result('flood: until a refusal is answered, p99', burst.refusalP99Ms, 'ms', where),
    result('flood: load generator away from its answers, most', burst.busiestMs, 'ms', where),
    result('flood: submit to committed at 100/s beside it, p50', steady.p50Ms, 'ms', where),
    result(
      'flood: submit to committed at 100/s beside it, p99',
      steady.p99Ms,
      'ms',
      `${steady.refused} refused, ${where}`,
    ),
  ]
}

function pace(arena: Arena, seconds: number) {
  return arena.offer({ perSecond: LATENCY_PER_SECOND, count: LATENCY_PER_SECOND * seconds, tickMs: 5 })
}

function firstName(refusal: string): string {
  return /"name":"([A-Z_]+)"/.exec(refusal.replaceAll('"name":""', ''))?.[1] ?? 'none'
}

/** One node is stopped, misses votes, and starts again. */
export async function rejoin(arena: Arena): Promise<BenchResult> {
  const { nodes } = arena.network
  const late = nodes.at(-1)
  if (late === undefined) throw new Error('no node to stop')
  await late.end('SIGTERM')
  const urls = nodes.slice(0, -1).map((node) => node.url())
  await arena.offer({ perSecond: 400, count: MISSED, urls })
  const height = await heightAt(urls[0] ?? '')
  const startMs = performance.now()
  await late.start()
  await until(`height ${height}`, async () => (await heightAt(late.url())) >= height, 120_000)
  const seconds = (performance.now() - startMs) / 1_000
  return result('a node rejoins after missing 10,000 votes', seconds, 's', `start of the process included, ${WHERE}`)
}

/** What a network without work takes of the processor. */
export async function idle(arena: Arena): Promise<BenchResult[]> {
  await pause(REST_MS)
  const { nodes } = arena.network
  const before = nodes.map(cost)
  await pause(IDLE_MS)
  const shares = nodes.map((node, index) => {
    const { node: ours, comet } = cost(node)
    const since = before[index] ?? { node: 0, comet: 0 }
    return { node: ((ours - since.node) / IDLE_MS) * 100, comet: ((comet - since.comet) / IDLE_MS) * 100 }
  })
  const most = (part: 'node' | 'comet') => Math.max(...shares.map((share) => share[part]))
  const where = `the busiest of 4, processor time in ${IDLE_MS / 1000} s without transactions`
  return [
    result('idle: a node', most('node'), '% of one core', where),
    result('idle: its CometBFT', most('comet'), '% of one core', where),
    result('idle: the pair', Math.max(...shares.map(({ node, comet }) => node + comet)), '% of one core', where),
  ]
}

function cost(node: Arena['network']['nodes'][number]): { readonly node: number; readonly comet: number } {
  return { node: cpuMs(node.pid() ?? 0), comet: cpuMs(node.cometBftPid() ?? 0) }
}

async function heightAt(url: string): Promise<number> {
  return ((await (await fetch(`${url}/v1/network`)).json()) as { height: number }).height
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
