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
  const lines = parsePrometheusText(text)
  return {
    missingPower: sum(lines, 'consensus_missing_validators_power'),
    byzantineValidators: sum(lines, 'consensus_byzantine_validators'),
    failedTransactions: sum(lines, 'mempool_failed_txs'),
    evictedTransactions: sum(lines, 'mempool_evicted_txs'),
  }
}

function sum(lines: readonly MetricLine[], name: string): number | null {
  const own = lines.filter((line) => line.name.endsWith(`_${name}`))
  return own.length === 0 ? null : own.reduce((total, { value }) => total + value, 0)
}
