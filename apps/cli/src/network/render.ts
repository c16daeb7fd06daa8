import { factsOf } from './facts.ts'
import { fit, lineOf, type Piece, styled, widthOf, wrap } from './text.ts'
import { ADVICE, type Alert, duration, type NetworkStatus, percent, plural } from './words.ts'

export interface Frame {
  /** Columns of a line, at most. */
  readonly width: number
  /** Lines, at most. */
  readonly height: number
  readonly color: boolean
  /** In place of what the last line says. */
  readonly footer?: string
}

type Line = readonly Piece[]

const LABEL = 11
const MARKS = { critical: '■', warning: '▲', good: '●' } as const
const STYLES = { critical: 'red', warning: 'yellow', good: 'green' } as const

/**
 * A status as lines for a terminal: first whether all is well and what is not, then the facts, then who validates. What
 * finds no room is counted, alerts last of all. Pure: the same status gives the same lines.
 */
export function renderStatus(status: NetworkStatus, { width, height, color, footer }: Frame): string[] {
  const head = [
    title(status, width),
    verdict(status),
    ...status.alerts.flatMap((alert) => alertLines(alert, status.time, width)),
  ]
  const facts = factsOf(status).map(([label, ...pieces]): Line => [styled(fit(label, LABEL), 'dim'), ...pieces])
  const end: Line[] = footer === undefined ? [] : [[], [styled(footer, 'dim')]]
  const room = height - head.length - facts.length - 2 - end.length
  const table = status.consensus === 'solo' ? [] : validatorLines(status, width, room)
  const body = [...head, [], ...facts, ...(table.length === 0 ? [] : [[], ...table])]
  return [...body.slice(0, Math.max(0, height - end.length)), ...end].map((line) => lineOf(line, width, color))
}

function title({ name, network, consensus, time }: NetworkStatus, width: number): Line {
  const at = `${time.slice(11, 19)} UTC`
  const about = `  ${network}, ${consensus}`
  const room = width - widthOf(about) - widthOf(at) - 2
  const shown = fit(name, Math.min(widthOf(name), Math.max(8, room)))
  const gap = Math.max(2, width - widthOf(shown) - widthOf(about) - widthOf(at))
  return [styled(shown, 'bold'), about, ' '.repeat(gap), styled(at, 'dim')]
}

function verdict({ health, alerts, unreachable }: NetworkStatus): Line {
  const mark = styled(`${MARKS[health]} `, STYLES[health])
  if (health !== 'good')
    return [mark, styled(`${plural(alerts.length, 'thing needs', 'things need')} attention`, STYLES[health])]
  const unseen = unreachable.length === 0 ? '' : `  (no answer from ${unreachable.join(', ')})`
  return [mark, styled('All is well', 'green'), styled(unseen, 'yellow')]
}

function alertLines({ severity, reason, start, rule }: Alert, now: string, width: number): Line[] {
  const since = `for ${duration(Math.max(0, Date.parse(now) - Date.parse(start)))}`
  const [first = '', ...rest] = wrap(`${reason} ${ADVICE[rule]}`, Math.max(20, width - 14))
  const mark = styled(`  ${MARKS[severity]} ${fit(since, 10)}`, STYLES[severity])
  return [[mark, first], ...rest.map((line): Line => [' '.repeat(14), line])]
}

/** Those with trouble first; one line says how many more there are. */
function validatorLines({ validators, blockInterval }: NetworkStatus, width: number, room: number): Line[] {
  if (room < 2) return []
  const nameWidth = Math.max(12, Math.min(32, width - 52))
  const header = `${fit('validator', nameWidth + 2)}${fit('power', 8, 'right')}${fit('missed', 10, 'right')}${fit('proposes', 11, 'right')}${fit('clock', 10, 'right')}`
  const sorted = validators.toSorted(
    (a, b) => Number(a.isSigning !== false) - Number(b.isSigning !== false) || b.missed - a.missed,
  )
  const shown = sorted.length <= room - 1 ? sorted : sorted.slice(0, Math.max(0, room - 2))
  const rows = shown.map((own): Line => {
    const style = own.isSigning === false ? 'red' : own.missed > blockInterval.blocks / 100 ? 'yellow' : 'green'
    const mark = own.isSigning === false ? '○ ' : '● '
    const numbers = [
      fit(String(own.power), 8, 'right'),
      fit(String(own.missed), 10, 'right'),
      fit(own.proposerShare === null ? '–' : percent(own.proposerShare), 11, 'right'),
      fit(own.clockMs === null ? '–' : duration(own.clockMs), 10, 'right'),
    ]
    const note = `${own.isSigning === false ? '  silent' : ''}${own.isThisNode ? '  this node' : ''}`
    return [
      styled(mark, style),
      fit(own.name, nameWidth),
      ...numbers,
      own.isSigning === false ? styled(note, 'red') : note,
    ]
  })
  const left = sorted.length - shown.length
  return [[styled(header, 'dim')], ...rows, ...(left === 0 ? [] : [[styled(`  and ${left} more`, 'dim')]])]
}

/** The whole in one line, for logs and pipes. */
export function renderLine(status: NetworkStatus): string {
  const { time, height, sinceBlockMs, participation, waiting, alerts } = status
  const parts = [
    time.slice(0, 19).replace('T', ' '),
    `height ${height}`,
    `last block ${duration(sinceBlockMs)} ago`,
    `participation ${participation === null ? 'not known' : percent(participation)}`,
    `waiting ${waiting.count}`,
    alerts.length === 0 ? 'all is well' : alerts.map(({ rule }) => rule.toUpperCase()).join(' '),
  ]
  return lineOf([parts.join('  ')], 400, false)
}
