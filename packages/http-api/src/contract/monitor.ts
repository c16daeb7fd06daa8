import { Type } from 'typebox'
import { Count, Height, Hex32, nullable, object, type Route, Time } from './shared.ts'

const Ms = Type.Integer({ description: 'Milliseconds' })
const Share = Type.Number({ minimum: 0, maximum: 1 })
const Counts = Type.Record(Type.String(), Count)
const Severity = Type.Enum(['critical', 'warning'])

export const Alert = object(
  {
    id: Type.String(),
    rule: Type.Enum([
      'no-block',
      'low-participation',
      'few-peers',
      'mempool-long',
      'memory-high',
      'disk-low',
      'root-diverges',
      'engine-silent',
    ]),
    severity: Severity,
    reason: Type.String({ description: 'In words' }),
    value: Type.Number(),
    threshold: Type.Number(),
    start: Time,
    end: nullable(Time),
  },
  'Alert',
)

const Validator = object({
  name: Type.String(),
  publicKey: Type.String(),
  address: Type.String({ pattern: '^[0-9a-f]{40}$', description: 'As consensus names it' }),
  power: Count,
  proposed: Type.Integer({ description: 'Blocks of the window' }),
  missed: Type.Integer({ description: 'Blocks of the window without its signature' }),
  proposerShare: nullable(Share),
  isSigning: nullable(Type.Boolean({ description: 'Whether one of the last three blocks has its signature' })),
  clockMs: nullable(Type.Integer({ description: 'Its clock against the median, by its last vote' })),
  isThisNode: Type.Boolean(),
})

const Peer = object({
  id: Type.String(),
  moniker: Type.String(),
  address: nullable(Type.String({ description: 'For the operator only' })),
  direction: Type.Enum(['in', 'out']),
  version: Type.String(),
  lag: nullable(Type.Integer({ description: 'Blocks behind this node' })),
})

const OtherNode = object({
  url: nullable(Type.String({ description: 'For the operator only' })),
  answers: Type.Boolean(),
  height: nullable(Height),
  version: nullable(Type.String()),
  sameRoot: nullable(Type.Boolean()),
  clockMs: nullable(Ms),
})

/** `null` everywhere is `not known now`, or `not shown to you`. */
export const NetworkStatus = object(
  {
    time: Time,
    network: Type.String({ description: 'Chain id' }),
    name: Type.String(),
    consensus: Type.Enum(['solo', 'cometbft']),
    health: Type.Enum(['good', 'warning', 'critical'], { description: 'The worst alert that lasts' }),
    height: Height,
    blockTime: Time,
    sinceBlockMs: Ms,
    idleMs: Type.Integer({ description: 'Without transactions, a block comes this often' }),
    uptimeMs: Ms,
    catchingUp: Type.Boolean(),
    blockInterval: object({ blocks: Count, p50Ms: nullable(Ms), p99Ms: nullable(Ms) }),
    round: object({ present: Count, late: Count, known: Count }),
    participation: nullable(Share),
    validators: Type.Array(Validator),
    peers: Type.Array(Peer),
    waiting: object({ count: Count, bytes: nullable(Count), ageMs: Ms }),
    traffic: object({ overMs: Ms, transactions: Counts, refused: Counts }),
    roots: object({
      height: Height,
      appHash: Hex32,
      modules: Type.Record(Type.String(), Hex32),
      compared: Count,
      contradicted: Count,
    }),
    nodes: Type.Array(OtherNode),
    versions: Type.Array(object({ version: Type.String(), nodes: Count })),
    clock: object({ behindMs: nullable(Ms), ownMs: nullable(Ms), spreadMs: nullable(Ms) }),
    memory: nullable(object({ processBytes: Count, usedBytes: Count, totalBytes: Count })),
    disk: nullable(object({ freeBytes: Count, totalBytes: Count })),
    unreachable: Type.Array(Type.String()),
    alerts: Type.Array(Alert),
  },
  'NetworkStatus',
)

const Point = object({
  time: Time,
  overMs: Ms,
  height: Height,
  blocks: Count,
  lateBlocks: Count,
  round: Count,
  sinceBlockMs: Ms,
  p50Ms: nullable(Ms),
  p99Ms: nullable(Ms),
  participation: nullable(Share),
  validators: Count,
  peers: Count,
  waiting: Count,
  waitingAgeMs: Ms,
  transactions: Counts,
  refused: Counts,
  missed: Counts,
  clockSpreadMs: nullable(Ms),
  contradicted: Type.Boolean(),
  memoryShare: nullable(Share),
  processBytes: nullable(Count),
  diskFreeShare: nullable(Share),
})

const When = Type.String({
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z$',
  description: 'A time such as 2026-05-01T00:00:00Z',
})

export const monitorRoutes = {
  networkStatus: {
    method: 'GET',
    path: '/v1/network/status',
    tag: 'network',
    summary: 'How the network and this node do now: blocks, validators, peers, roots, alerts',
    response: NetworkStatus,
  },
  networkHistory: {
    method: 'GET',
    path: '/v1/network/history',
    tag: 'network',
    summary: 'How they did: every 10 s for an hour, every minute for a day, every 10 minutes for a week',
    query: object({
      from: Type.Optional(When),
      to: Type.Optional(When),
      resolution: Type.Optional(Type.Enum(['10s', '1m', '10m'])),
    }),
    response: object(
      { resolution: Type.Enum(['10s', '1m', '10m']), from: Time, to: Time, items: Type.Array(Point) },
      'NetworkHistory',
    ),
  },
  networkAlerts: {
    method: 'GET',
    path: '/v1/network/alerts',
    tag: 'network',
    summary: 'Alerts, latest first; `open` for those that last, or those that are over',
    query: object({
      open: Type.Optional(Type.Enum(['true', 'false'])),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: 100 })),
    }),
    response: object({ items: Type.Array(Alert) }, 'NetworkAlerts'),
  },
} as const satisfies Record<string, Route>
