import type { CountRound } from '../types.ts'
import type { ElectionReport } from './report.ts'

/** More pairs than this are not for reading; they are in the JSON. */
const MAX_PAIRS = 66

/** The steps of an election for people: pairs of candidates (Schulze), or the votes of every round (run-off, STV). */
export function renderRounds(report: ElectionReport): string[] {
  const [first] = report.rounds
  if (first === undefined) return []
  return 'pairwise' in first
    ? pairLines(report, first)
    : report.rounds.flatMap((round, i) => roundLines(report, round, i))
}

/** Each pair once, whoever is higher in the order first. */
function pairLines({ order, candidates }: ElectionReport, { pairwise }: CountRound): string[] {
  const names = order.flat()
  if ((names.length * (names.length - 1)) / 2 > MAX_PAIRS) return []
  const preferring = (a: string, b: string) =>
    (pairwise as readonly (readonly number[])[])[candidates.indexOf(a)]?.[candidates.indexOf(b)] ?? 0
  const lines = names.flatMap((a, place) =>
    names.slice(place + 1).map((b) => `  ${a} over ${b}  ${preferring(a, b)} : ${preferring(b, a)}`),
  )
  return lines.length === 0 ? [] : ['', 'Ballots that prefer one to the other', ...lines]
}

function roundLines({ candidates }: ElectionReport, round: CountRound, index: number): string[] {
  const nameOf = (option: unknown) => candidates[Number(option)] ?? ''
  const votes = Object.entries((round.votes as Readonly<Record<string, string>> | undefined) ?? {})
  const events = (['elected', 'eliminated', 'tied'] as const).flatMap((event) => {
    const options = round[event]
    return Array.isArray(options) ? [`  ${event}: ${options.map(nameOf).join(', ')}`] : []
  })
  return ['', `Round ${index + 1}`, ...votes.map(([option, value]) => `  ${nameOf(option)}  ${value}`), ...events]
}
