import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { renderLine, renderStatus } from '../src/network/render.ts'
import { clip, lineOf, styled, widthOf, wrap } from '../src/network/text.ts'
import { type Screen, watchStatus } from '../src/network/watch.ts'
import { type Alert, bytes, duration, grouped, type NetworkStatus, percent } from '../src/network/words.ts'

const FRAME = { width: 80, height: 24, color: false }
const NAMES = ['North Bakery', 'East Press', 'South Garden', 'West Repair Café']

function givenStatus(change: Partial<NetworkStatus> = {}): NetworkStatus {
  return {
    time: '2026-05-04T12:04:31.000Z',
    network: 'icn-3kfwq2mz',
    name: 'North Federation',
    consensus: 'cometbft',
    health: 'good',
    height: 12_408,
    blockTime: '2026-05-04T12:04:29.000Z',
    sinceBlockMs: 2_100,
    idleMs: 5_000,
    uptimeMs: 10_000_000,
    catchingUp: false,
    blockInterval: { blocks: 1_000, p50Ms: 1_040, p99Ms: 2_130 },
    round: { present: 0, late: 3, known: 1_000 },
    participation: 1,
    validators: NAMES.map((name, index) => validator(name, index)),
    peers: NAMES.slice(1).map((moniker) => peer(moniker)),
    waiting: { count: 0, bytes: 0, ageMs: 0 },
    traffic: { overMs: 10_000, transactions: { 0: 121, 1: 21 }, refused: { BAD_SEQUENCE: 3, BUSY: 2 } },
    roots: {
      height: 12_408,
      appHash: '742cb3b8bc83'.padEnd(64, '0'),
      modules: {
        identity: 'a01f2b'.padEnd(64, '0'),
        membership: '77c0d4'.padEnd(64, '0'),
        governance: 'ccddb5'.padEnd(64, '0'),
      },
      compared: 4,
      contradicted: 0,
    },
    nodes: [],
    versions: [{ version: 'icn 0.1.0', nodes: 4 }],
    clock: { behindMs: 40, ownMs: 2, spreadMs: 24 },
    memory: { processBytes: 195_000_000, usedBytes: 4_000_000_000, totalBytes: 8_000_000_000 },
    disk: { freeBytes: 77_000_000_000, totalBytes: 270_000_000_000 },
    unreachable: [],
    alerts: [],
    ...change,
  }
}

function validator(name: string, index: number, change: Partial<NetworkStatus['validators'][number]> = {}) {
  const share = { proposed: 250, missed: 0, proposerShare: 0.25, isSigning: true, clockMs: index - 2 }
  const place = { publicKey: 'z6Mk', address: '0'.repeat(40), power: 1, isThisNode: index === 0 }
  return { name, ...place, ...share, ...change }
}

function peer(moniker: string, lag = 0): NetworkStatus['peers'][number] {
  return { id: moniker, moniker, address: null, direction: 'out', version: '0.38.25', lag }
}

const ALERT: Alert = {
  id: 'no-block-1',
  rule: 'no-block',
  severity: 'critical',
  reason: 'No block for 190 s. The network, or this node, stands still.',
  value: 190,
  threshold: 60,
  start: '2026-05-04T12:02:21.000Z',
  end: null,
}

test('all is well: the verdict first, every fact on its line, every validator, in 80 by 24 without a cut', () => {
  const lines = renderStatus(givenStatus(), FRAME)
  assert.match(lines[0] ?? '', /^North Federation {2}icn-3kfwq2mz, cometbft +12:04:31 UTC$/)
  assert.equal(lines[1], '● All is well')
  const labels = ['height', 'agreement', 'traffic', 'waiting', 'peers', 'state', 'roots', 'machine']
  assert.deepEqual(
    lines.slice(3, 11).map((line) => line.split(' ', 1)[0]),
    labels,
  )
  for (const name of NAMES) assert.equal(lines.filter((line) => line.startsWith(`● ${name}`)).length, 1, name)
  assert.ok(lines.length <= 24 && lines.every((line) => widthOf(line) <= 80 && !line.includes('…')), lines.join('\n'))
  const text = lines.join('\n')
  for (const part of [
    '12,408',
    'last block 2.1 s ago',
    '100 % of the power',
    '12.1/s core',
    '2.1/s market',
    '5 refused',
  ])
    assert.ok(text.includes(part), part)
})

test('a validator that was admitted later is named among the peers, where it calls itself by its key', () => {
  const publicKey = 'z6Mkqk6ZuKjESDUZWmrsKmQL2WVguSvWH18aQgJRaK2VaaHw'
  const validators = [validator('North Federation', 0), validator('south-2', 1, { publicKey })]
  const peers = [peer(publicKey.slice(0, 16), 3), peer('z6MkunEzLZAtbhpz')]
  const line = renderStatus(givenStatus({ validators, peers }), FRAME).find((own) => own.startsWith('peers'))
  assert.match(line ?? '', / 2: south-2 \(3 behind\), z6MkunEzLZAtbhpz$/)
})

test('what is wrong comes right after the verdict, with what to do, and silent validators come first', () => {
  const validators = NAMES.map((name, index) =>
    validator(name, index, index > 1 ? { isSigning: false, missed: 379, clockMs: null } : {}),
  )
  const lines = renderStatus(
    givenStatus({
      health: 'critical',
      participation: 0.5,
      validators,
      peers: [peer('East Press', 12)],
      alerts: [ALERT],
    }),
    FRAME,
  )
  assert.equal(lines[1], '■ 1 thing needs attention')
  assert.match(lines[2] ?? '', /^ {2}■ for 2 min +No block for 190 s\./)
  assert.match(lines[3] ?? '', /^ {14}\S.*ask the other operators\.$/)
  const table = lines.slice(lines.findIndex((line) => line.startsWith('validator')) + 1)
  assert.deepEqual(
    table.map((line) => line.slice(0, 6)),
    ['○ Sout', '○ West', '● Nort', '● East'],
  )
  assert.ok(lines.some((line) => line.startsWith('peers') && line.includes('East Press (12 behind)')))
})

test('docs/monitoring.md shows what is drawn', () => {
  const docs = readFileSync(new URL('../../../docs/monitoring.md', import.meta.url), 'utf8')
  const shows = (lines: readonly string[]) => {
    const picture = lines.map((line) => (line === '' ? line : `    ${line}`)).join('\n')
    assert.ok(docs.includes(`\n${picture}\n`), picture)
  }
  const order = [1, 0, 2, 3]
  const all = order.map((index) => validator(NAMES[index] ?? '', index, { missed: index === 1 ? 2 : 0 }))
  shows([
    ...renderStatus(givenStatus({ validators: all }), { ...FRAME, height: 99 }),
    '',
    'holds      3 organizations, 212 members, 18 proposals',
  ])
  const silent = { isSigning: false, missed: 379, clockMs: null }
  const half = order.map((index) =>
    validator(NAMES[index] ?? '', index, index > 1 ? silent : { missed: index === 1 ? 2 : 0 }),
  )
  const round = { present: 2, late: 3, known: 1_000 }
  const reason =
    'Validators with 50 % of the power take part; blocks need more than two thirds. Not heard: South Garden, West Repair Café.'
  const alerts = [ALERT, { ...ALERT, rule: 'low-participation' as const, reason }]
  const change = {
    health: 'critical' as const,
    participation: 0.5,
    sinceBlockMs: 190_000,
    peers: [peer('East Press', 12)],
  }
  const footer = 'q ends; icn network events shows what happens'
  shows(renderStatus(givenStatus({ ...change, validators: half, round, alerts }), { ...FRAME, footer }))
})

for (const [width, height] of [
  [80, 24],
  [60, 20],
  [40, 12],
  [200, 60],
  [10, 3],
  [1, 1],
] as const) {
  test(`nothing goes beyond ${width} by ${height}, with a hundred validators and all alerts`, () => {
    const validators = Array.from({ length: 100 }, (_, index) => validator(`validator ${index}`, index))
    const alerts = Array.from({ length: 8 }, () => ALERT)
    for (const own of [[], alerts]) {
      const status = givenStatus({ validators, alerts: own })
      const lines = renderStatus(status, { width, height, color: false, footer: 'q ends' })
      assert.ok(lines.length <= Math.max(2, height), `${lines.length} lines`)
      assert.ok(lines.every((line) => widthOf(line) <= width))
      assert.equal(lines.at(-1), clip('q ends', width))
    }
  })
}

test('of more validators than have room, the rest is counted', () => {
  const validators = Array.from({ length: 100 }, (_, index) => validator(`v${index}`, index, { missed: index }))
  const lines = renderStatus(givenStatus({ validators }), FRAME)
  const shown = lines.filter((line) => line.startsWith('● ')).length - 1
  assert.match(lines.at(-1) ?? '', new RegExp(`^ {2}and ${100 - shown} more$`))
  assert.match(lines.find((line) => line.startsWith('● v')) ?? '', /^● v99 /)
})

test('solo says so, without peers and validators; what is not shown to this reader has no line', () => {
  const solo = givenStatus({ consensus: 'solo', peers: [], memory: null, disk: null })
  const text = renderStatus({ ...solo, clock: { behindMs: null, ownMs: null, spreadMs: null } }, FRAME).join('\n')
  assert.match(text, /this node alone makes the blocks/)
  assert.doesNotMatch(text, /peers|machine|proposes/)
})

test('a root that others contradict, and several versions, are said', () => {
  const roots = { ...givenStatus().roots, contradicted: 2 }
  const versions = [
    { version: 'icn 0.1.0', nodes: 3 },
    { version: 'icn 0.2.0', nodes: 1 },
  ]
  const text = renderStatus(givenStatus({ roots, versions }), FRAME).join('\n')
  assert.match(text, /CONTRADICTED by 2/)
  assert.match(text, /several versions run/)
})

test('names cannot steer the terminal', () => {
  const evil = 'x\u001b[2J\u0007\u202e\r\n\u009b31m'
  const status = givenStatus({ name: evil, validators: [validator(evil, 0)], peers: [peer(evil)], network: evil })
  const alert = { ...ALERT, reason: evil }
  for (const color of [false, true]) {
    const text = renderStatus({ ...status, alerts: [alert] }, { ...FRAME, color }).join('')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what it looks for
    const plain = text.replaceAll(/\u001b\[\d+m/g, '')
    assert.doesNotMatch(plain, /[\p{Cc}\p{Cf}]/u)
  }
})

test('colours only where they are wanted; widths count columns', () => {
  const line = [styled('all', 'green'), ' well']
  assert.equal(lineOf(line, 80, false), 'all well')
  assert.equal(lineOf(line, 80, true), '\u001b[32mall\u001b[39m well')
  assert.deepEqual([widthOf('日本'), clip('日本語', 5), clip('abc', 3), clip('abcd', 3)], [4, '日本…', 'abc', 'ab…'])
  assert.deepEqual(wrap('one two three', 7), ['one two', 'three'])
})

test('numbers are for people', () => {
  assert.deepEqual([0, 12, 400, 2_100, 59_000, 190_000, 7_300_000, 2e8, -9].map(duration), [
    '0 ms',
    '12 ms',
    '0.4 s',
    '2.1 s',
    '59 s',
    '3 min',
    '2 h',
    '2 d',
    '−9 ms',
  ])
  assert.deepEqual(
    [grouped(1_234_567), grouped(12), percent(1), percent(0.9999)],
    ['1,234,567', '12', '100 %', '99.9 %'],
  )
  assert.deepEqual([bytes(0), bytes(1_500), bytes(77e9)], ['0 B', '1.5 KiB', '72 GiB'])
})

/** A screen that keeps what is written, and pauses that end the watching after so many. */
function givenScreen(isTerminal: boolean, rounds: number) {
  const ending = new AbortController()
  const written: string[] = []
  const screen: Screen = {
    isTerminal,
    color: false,
    size: () => ({ width: 80, height: 24 }),
    write: (text) => void written.push(text),
  }
  let left = rounds
  const pause = async () => {
    if (--left === 0) ending.abort()
  }
  return { written, options: { screen, pause, signal: ending.signal } }
}

test('watching draws over the last picture, shows a node that does not answer, and leaves the screen as it was', async () => {
  const { written, options } = givenScreen(true, 3)
  let asked = 0
  const read = async () => {
    asked++
    if (asked === 2) throw new Error('no node answers at http://127.0.0.1:7420')
    return givenStatus({ height: asked })
  }
  await watchStatus({ ...options, json: false, read })
  assert.deepEqual([written[0], written.at(-1)], ['\u001b[?1049h\u001b[?25l', '\u001b[?25h\u001b[?1049l'])
  const pictures = written.slice(1, -1)
  assert.equal(pictures.length, 3)
  assert.ok(pictures.every((picture) => picture.startsWith('\u001b[H') && picture.split('\r\n').length <= 24))
  assert.match(pictures[1] ?? '', /no node answers.*Trying again|no node answers/)
  assert.doesNotMatch(pictures[2] ?? '', /no node answers/)
})

test('without a terminal it is a line each time, or a document', async () => {
  const lines = givenScreen(false, 2)
  await watchStatus({ ...lines.options, json: false, read: async () => givenStatus({ alerts: [ALERT] }) })
  assert.deepEqual(lines.written, Array(2).fill(`${renderLine(givenStatus({ alerts: [ALERT] }))}\n`))
  assert.match(lines.written[0] ?? '', /^2026-05-04 12:04:31 {2}height 12408 {2}.*NO-BLOCK\n$/)
  const documents = givenScreen(true, 2)
  await watchStatus({ ...documents.options, json: true, read: async () => givenStatus() })
  assert.deepEqual(
    documents.written.map((text) => JSON.parse(text).height),
    [12_408, 12_408],
  )
})

test('a node that never answered is an error, and nothing was drawn', async () => {
  const { written, options } = givenScreen(true, 5)
  const read = async () => {
    throw new Error('no node answers')
  }
  await assert.rejects(watchStatus({ ...options, json: false, read }), /no node answers/)
  assert.deepEqual(written, [])
})
