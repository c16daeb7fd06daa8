import type { AnswerOf } from '@icn/http-api/contract'

export type NetworkStatus = AnswerOf<'networkStatus'>
export type Alert = NetworkStatus['alerts'][number]

/** What to do first; docs/operating.md has the rest under the same names. */
export const ADVICE: Readonly<Record<Alert['rule'], string>> = {
  'no-block': 'See whether this node and its peers run, and ask the other operators.',
  'low-participation': 'Ask the operators of the validators that are not heard to start them.',
  'few-peers': 'Check the network connection and cometbft.peers.',
  'mempool-long': 'More comes in than blocks take. It passes, or look for who sends so much.',
  'memory-high': 'End what else runs on this machine, or give it more memory.',
  'disk-low': 'Free space on the disk of the data folder, or move it to a larger one.',
  'root-diverges': 'Do not trust answers of this node. Stop it, keep the folder, tell the others.',
  'engine-silent': 'See in the log whether CometBFT runs, and restart the node.',
}

const LANES: Readonly<Record<string, string>> = { 0: 'core', 1: 'market', 2: 'storage' }

export function laneName(lane: string): string {
  return LANES[lane] ?? `lane ${lane}`
}

/** `0.4 s`, `12 s`, `3 min`, `2 h`, `5 d`: one unit, to see at a glance. */
export function duration(ms: number): string {
  const seconds = Math.abs(ms) / 1_000
  const sign = ms < 0 ? '−' : ''
  if (seconds < 0.0995) return `${sign}${Math.round(seconds * 1_000)} ms`
  if (seconds < 9.95) return `${sign}${seconds.toFixed(1)} s`
  if (seconds < 120) return `${sign}${Math.round(seconds)} s`
  if (seconds < 7_200) return `${sign}${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${sign}${Math.round(seconds / 3_600)} h`
  return `${sign}${Math.round(seconds / 86_400)} d`
}

/** `12,408` */
export function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',')
}

/** Rounded down, so that 100 % is all. */
export function percent(share: number): string {
  return `${share === 1 ? 100 : Math.floor(share * 1_000) / 10} %`
}

export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, count)) / 10))
  const value = count / 1_024 ** step
  return `${value < 10 && step > 0 ? value.toFixed(1) : Math.round(value)} ${units[step]}`
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`
}
