import {
  type CometCommit,
  type CometPosition,
  type CometRound,
  commitOf,
  peersOf,
  positionOf,
  roundOf,
} from '../collect/comet.ts'
import { engineMetricsOf } from '../collect/engine-metrics.ts'
import { fields } from '../collect/shapes.ts'
import type { EngineMetrics, Peer } from '../status.ts'
import { type Fetch, fetchText } from './fetch-text.ts'

export interface CometOptions {
  /** `http://127.0.0.1:26657` */
  readonly rpcUrl: string
  /** `http://127.0.0.1:26660/metrics`; without it nothing of `engineMetrics` is known. */
  readonly metricsUrl?: string
}

/** Everything that CometBFT says at one moment; `undefined` is what did not answer. */
export interface CometFacts {
  readonly position: CometPosition | undefined
  readonly round: CometRound | undefined
  readonly peers: readonly Peer[] | undefined
  readonly metrics: EngineMetrics | undefined
  /** Of the blocks since the last time, oldest first. */
  readonly commits: readonly CometCommit[]
}

export interface CometSource {
  read(): Promise<CometFacts>
}

/** Commits asked for at once; where more blocks came between two looks, the rounds of the older ones stay unknown. */
const MOST_COMMITS = 30

export function createCometSource({ rpcUrl, metricsUrl }: CometOptions, fetchWith: Fetch): CometSource {
  let lastCommit: number | undefined

  async function ask<T>(path: string, read: (result: unknown) => T | undefined): Promise<T | undefined> {
    const body = await fetchText(fetchWith, `${rpcUrl}/${path}`)
    return body === undefined ? undefined : read(fields(parse(body.text)).result)
  }

  async function readCommits(height: number): Promise<CometCommit[]> {
    const from = Math.max(1, (lastCommit ?? height - 1) + 1, height - MOST_COMMITS + 1)
    const heights = Array.from({ length: Math.max(0, height - from + 1) }, (_, index) => from + index)
    const commits = await Promise.all(heights.map((own) => ask(`commit?height=${own}`, commitOf)))
    lastCommit = height
    return commits.filter((commit) => commit !== undefined)
  }

  async function read(): Promise<CometFacts> {
    const [position, round, network, metrics] = await Promise.all([
      ask('status', positionOf),
      ask('dump_consensus_state', roundOf),
      ask('net_info', (result) => result),
      metricsUrl === undefined ? undefined : fetchText(fetchWith, metricsUrl),
    ])
    const commits = position === undefined || position.height === 0 ? [] : await readCommits(position.height)
    return {
      position,
      round,
      peers: network === undefined ? undefined : peersOf(network, round),
      metrics: metrics === undefined ? undefined : engineMetricsOf(metrics.text),
      commits,
    }
  }

  return { read }
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    // Another program has the port; whoever reads the fields finds none of them.
    return undefined
  }
}
