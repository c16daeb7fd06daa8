import type { EngineMetrics } from '../status.ts'
import { type MetricLine, parsePrometheusText } from './prometheus-text.ts'

/**
 * What the node uses of CometBFT's metrics. A series that is not there is `null`: CometBFT writes some only once they have
 * a value.
 *
 * @param text - of the endpoint of CometBFT 0.38, whatever `instrumentation.namespace` is
 * @see https://docs.cometbft.com/v0.38/core/metrics
 */
export function engineMetricsOf(text: string): EngineMetrics {
  return {
    missingPower: sum(text, 'consensus_missing_validators_power'),
    byzantineValidators: sum(text, 'consensus_byzantine_validators'),
    failedTransactions: sum(text, 'mempool_failed_txs'),
    evictedTransactions: sum(text, 'mempool_evicted_txs'),
  }
}

function sum(text: string, name: string): number | null {
  const own = linesWith(text, name).filter((line) => line.name.endsWith(`_${name}`))
  return own.length === 0 ? null : own.reduce((total, { value }) => total + value, 0)
}

/**
 * PERF: CometBFT keeps some lines for each peer that ever came, and drops none: megabytes where strangers come again and
 * again. Of those nothing is taken apart.
 */
function linesWith(text: string, name: string): MetricLine[] {
  const own: string[] = []
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    const end = text.indexOf('\n', at)
    own.push(text.slice(text.lastIndexOf('\n', at) + 1, end === -1 ? text.length : end))
  }
  return parsePrometheusText(own.join('\n'))
}
