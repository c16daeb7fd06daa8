/** How finely the past is kept: every ten seconds for an hour, every minute for a day, every ten minutes for a week. */
export const LEVELS = [
  { name: '10s', stepMs: 10_000, keepMs: 3_600_000 },
  { name: '1m', stepMs: 60_000, keepMs: 86_400_000 },
  { name: '10m', stepMs: 600_000, keepMs: 604_800_000 },
] as const

export type Resolution = (typeof LEVELS)[number]['name']

/** The finest level that still reaches back so far. */
export function resolutionFor(fromMs: number, nowMs: number): Resolution {
  return LEVELS.find(({ keepMs }) => nowMs - fromMs <= keepMs)?.name ?? '10m'
}
