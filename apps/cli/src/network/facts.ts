import { type Piece, styled } from './text.ts'
import { bytes, duration, grouped, laneName, type NetworkStatus, percent, plural } from './words.ts'

/** A line of the summary: what it is about, and what there is to say. */
export type Fact = readonly [label: string, ...pieces: Piece[]]

/** What concerns the network, each on one line, the most important first. */
export function factsOf(status: NetworkStatus): Fact[] {
  return [
    blocks(status),
    agreement(status),
    traffic(status),
    waiting(status),
    peers(status),
    state(status),
    modules(status),
    machine(status),
  ].filter((fact) => fact !== undefined)
}

function blocks({ height, sinceBlockMs, blockInterval, catchingUp, idleMs }: NetworkStatus): Fact {
  const { p50Ms, p99Ms } = blockInterval
  const last = height === 0 ? 'no block yet' : `last block ${duration(sinceBlockMs)} ago`
  const between =
    p50Ms === null || p99Ms === null
      ? `; idle, one comes every ${duration(idleMs)}`
      : `; ${duration(p50Ms)} apart, 1 in 100 over ${duration(p99Ms)}`
  return [
    'height',
    styled(grouped(height), 'bold'),
    `  ${last}${between}`,
    catchingUp ? styled('  catching up', 'yellow') : '',
  ]
}

function agreement({ participation, round, validators, consensus }: NetworkStatus): Fact {
  if (consensus === 'solo') return ['agreement', 'this node alone makes the blocks']
  const share = participation === null ? 'not known' : `${percent(participation)} of the power`
  const late = round.late === 0 ? '' : `; ${round.late} of ${grouped(round.known)} blocks over one round`
  const present = round.present === 0 ? '' : `; round ${round.present}`
  const isBad = participation !== null && participation < 0.67
  return [
    'agreement',
    isBad ? styled(share, 'red') : share,
    `, ${plural(validators.length, 'validator')}${present}${late}`,
  ]
}

function traffic({ traffic: { overMs, transactions, refused } }: NetworkStatus): Fact {
  const perSecond = (count: number) => (overMs === 0 ? '0' : (count / (overMs / 1_000)).toFixed(1))
  const lanes = Object.entries(transactions).map(([lane, count]) => `${perSecond(count)}/s ${laneName(lane)}`)
  const total = Object.values(refused).reduce((sum, count) => sum + count, 0)
  const worst = Object.entries(refused).toSorted(([, a], [, b]) => b - a)[0]
  const said = worst === undefined ? '' : `; ${grouped(total)} refused, most ${worst[0]}`
  return ['traffic', (lanes.length === 0 ? 'no transactions now' : lanes.join(', ')) + said]
}

function waiting({ waiting: { count, ageMs } }: NetworkStatus): Fact {
  if (count === 0) return ['waiting', 'nothing']
  const text = `${plural(count, 'transaction')}${ageMs < 1_000 ? '' : `, the first for ${duration(ageMs)}`}`
  return ['waiting', count > 1_000 ? styled(text, 'yellow') : text]
}

function peers({ consensus, peers: all, validators }: NetworkStatus): Fact | undefined {
  if (consensus === 'solo') return undefined
  // A node that was admitted later calls itself by the beginning of its key.
  const nameOf = (moniker: string) =>
    validators.find(({ publicKey }) => moniker.length > 8 && publicKey.startsWith(moniker))?.name ?? moniker
  const named = all
    .toSorted((a, b) => (b.lag ?? 0) - (a.lag ?? 0))
    .map(({ moniker, lag }) => nameOf(moniker) + ((lag ?? 0) > 1 ? ` (${grouped(lag ?? 0)} behind)` : ''))
  return ['peers', all.length === 0 ? styled('none', 'red') : `${all.length}: ${named.join(', ')}`]
}

function state({ roots, versions }: NetworkStatus): Fact {
  const verdict =
    roots.compared === 0
      ? []
      : roots.contradicted === 0
        ? [styled(`  agrees with ${roots.compared}`, 'green')]
        : [styled(`  CONTRADICTED by ${roots.contradicted}`, 'red')]
  const mixed = versions.filter(({ version }) => version.startsWith('icn')).length > 1
  return ['state', roots.appHash.slice(0, 12), ...verdict, mixed ? styled('  several versions run', 'yellow') : '']
}

function modules({ roots }: NetworkStatus): Fact | undefined {
  const all = Object.entries(roots.modules).map(([name, root]) => `${name} ${root.slice(0, 6)}`)
  return all.length === 0 ? undefined : ['roots', styled(all.join('  '), 'dim')]
}

function machine({ memory, disk, clock }: NetworkStatus): Fact | undefined {
  const parts = [
    memory === null
      ? []
      : [`memory ${percent(memory.usedBytes / memory.totalBytes)} (node ${bytes(memory.processBytes)})`],
    disk === null ? [] : [`disk ${percent(disk.freeBytes / disk.totalBytes)} free (${bytes(disk.freeBytes)})`],
    clock.spreadMs === null ? [] : [`clocks ±${duration(clock.spreadMs)}`],
  ].flat()
  return parts.length === 0 ? undefined : ['machine', parts.join(', ')]
}
