import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, test } from 'node:test'
import type { Alert } from '../src/alerts/alert.ts'
import { openHistory } from '../src/history/history.ts'
import { resolutionFor } from '../src/history/levels.ts'
import { pointOf } from '../src/history/point.ts'
import { givenStatus, START_MS } from './given-status.ts'

const folder = mkdtempSync(join(tmpdir(), 'icn-history-'))
after(() => rmSync(folder, { recursive: true }))
const HOUR_MS = 3_600_000
const WEEK_MS = 168 * HOUR_MS

function fileOf(name: string): string {
  return join(folder, `${name}.db`)
}

function failIfLost(reason: string): void {
  assert.fail(`begun anew: ${reason}`)
}

function alertAt(index: number, endMs: number | null = null): Alert {
  const startMs = START_MS + index
  const place = { id: `no-block-${startMs}`, startMs, endMs }
  return { ...place, rule: 'no-block', severity: 'critical', reason: 'No block.', value: 61, threshold: 60 }
}

test('eight days of samples keep an hour, a day and a week of rows, and every count is in each level once', () => {
  const history = openHistory(fileOf('week'), failIfLost)
  const samples = (8 * 24 * HOUR_MS) / 10_000
  const database = new DatabaseSync(fileOf('week'))
  database.exec('PRAGMA synchronous = OFF')
  for (let index = 0; index < samples; index++) {
    const since = { ...givenStatus().since, transactions: { 0: 1 }, missed: { aa: index % 2 } }
    // Every sample would write 70,000 times: the last two hours as they come, before them one in six.
    if (index < samples - 720 && index % 6 !== 0) continue
    history.add(pointOf(givenStatus({ timeMs: START_MS + index * 10_000, height: index, since })))
  }
  const endMs = START_MS + samples * 10_000
  const rows = (['10s', '1m', '10m'] as const).map((level) => history.points(level, 0, endMs + WEEK_MS))
  assert.deepEqual(
    rows.map(({ length }) => length),
    [360, 1_440, 1_008],
  )
  const [seconds = [], minutes = [], tens = []] = rows
  assert.equal(seconds.at(-1)?.height, samples - 1)
  assert.deepEqual(
    minutes.slice(-3).map(({ transactions, overMs }) => [transactions, overMs]),
    [
      [{ 0: 6 }, 60_000],
      [{ 0: 6 }, 60_000],
      [{ 0: 6 }, 60_000],
    ],
  )
  assert.deepEqual([tens.at(-1)?.transactions, tens.at(-1)?.missed], [{ 0: 60 }, { aa: 30 }])
  const hour = history.points('10s', endMs - HOUR_MS, endMs)
  assert.equal(hour.length, 360)
  assert.ok(hour.every((point, index) => index === 0 || point.timeMs > (hour[index - 1]?.timeMs ?? 0)))
  database.close()
  history.close()
})

test('of what is put together, the worst is kept', () => {
  const history = openHistory(fileOf('worst'), failIfLost)
  const samples = [
    { participation: 1, sinceBlockMs: 2_000, ...peers(3), ...root() },
    { participation: 0.5, sinceBlockMs: 70_000, ...peers(1), ...root('b') },
    { participation: null, sinceBlockMs: 1_000, ...peers(2), ...root() },
  ]
  for (const [index, change] of samples.entries())
    history.add(pointOf(givenStatus({ ...change, timeMs: START_MS + index * 10_000 })))
  assert.deepEqual(history.points('1m', 0, START_MS + HOUR_MS), [], 'the minute is not over')
  history.add(pointOf(givenStatus({ timeMs: START_MS + 60_000 })))
  const [minute] = history.points('1m', 0, START_MS + HOUR_MS)
  assert.deepEqual(
    [minute?.participation, minute?.sinceBlockMs, minute?.peers, minute?.contradicted],
    [0.5, 70_000, 1, true],
  )
  history.close()
})

test('history and alerts are there after a restart, and the minute that was begun is completed', () => {
  const first = openHistory(fileOf('restart'), failIfLost)
  for (let index = 0; index < 4; index++) first.add(pointOf(givenStatus({ timeMs: START_MS + index * 10_000 })))
  first.putAlert(alertAt(0))
  first.close()
  const second = openHistory(fileOf('restart'), failIfLost)
  assert.equal(second.points('10s', 0, START_MS + HOUR_MS).length, 4)
  assert.deepEqual(second.alerts(true, 10), [alertAt(0)])
  second.add(pointOf(givenStatus({ timeMs: START_MS + 5 * 60_000 })))
  assert.deepEqual(
    second.points('1m', 0, START_MS + HOUR_MS).map(({ blocks }) => blocks),
    [8],
  )
  second.close()
})

test('an alert that ends is one alert; the oldest that are over are forgotten, those that last never', () => {
  const history = openHistory(fileOf('alerts'), failIfLost)
  history.putAlert(alertAt(0))
  for (let index = 1; index <= 1_200; index++) history.putAlert(alertAt(index, START_MS + index + 5))
  assert.equal(history.alerts(undefined, 5_000).length, 1_001)
  assert.deepEqual(history.alerts(true, 5_000), [alertAt(0)])
  assert.equal(history.alerts(false, 5_000).length, 1_000)
  assert.deepEqual(history.alerts(undefined, 1), [alertAt(1_200, START_MS + 1_205)])
  history.putAlert(alertAt(0, START_MS + 9_999))
  assert.deepEqual(history.alerts(true, 5_000), [])
  history.close()
})

test('a clock that went ahead and came back leaves nothing in the future', () => {
  const history = openHistory(fileOf('clock'), failIfLost)
  history.add(pointOf(givenStatus({ timeMs: START_MS + 2 * HOUR_MS })))
  for (let index = 0; index < 8; index++) history.add(pointOf(givenStatus({ timeMs: START_MS + index * 10_000 })))
  assert.equal(history.points('10s', 0, START_MS + WEEK_MS).length, 8)
  assert.equal(history.points('1m', 0, START_MS + WEEK_MS).length, 1)
  history.close()
})

for (const [name, damage] of [
  ['is no database', (file: string) => writeFileSync(file, 'not a database '.repeat(500))],
  [
    'has a damaged page',
    (file: string) => {
      const history = openHistory(file, failIfLost)
      for (let index = 0; index < 300; index++) history.add(pointOf(givenStatus({ timeMs: START_MS + index * 10_000 })))
      history.close()
      const database = new DatabaseSync(file)
      const pages = Number(database.prepare('PRAGMA page_count').get()?.page_count)
      database.close()
      const bytes = Buffer.alloc(4_096 * (pages - 2), 0x5a)
      const whole = Buffer.concat([readHead(file), bytes])
      writeFileSync(file, whole)
    },
  ],
  [
    'is of another version',
    (file: string) => {
      const database = new DatabaseSync(file)
      database.exec('CREATE TABLE other (a); PRAGMA user_version = 99')
      database.close()
    },
  ],
] as const) {
  test(`a file that ${name} is begun anew, and says so`, () => {
    const file = fileOf(name.replaceAll(' ', '-'))
    damage(file)
    const reasons: string[] = []
    const history = openHistory(file, (reason) => reasons.push(reason))
    assert.equal(reasons.length, 1)
    assert.notEqual(reasons[0], '')
    assert.deepEqual(history.points('10s', 0, START_MS + WEEK_MS), [])
    history.add(pointOf(givenStatus()))
    assert.equal(history.points('10s', 0, START_MS + WEEK_MS).length, 1)
    history.close()
  })
}

test('the resolution follows from how far back somebody looks', () => {
  const now = START_MS
  assert.equal(resolutionFor(now - HOUR_MS, now), '10s')
  assert.equal(resolutionFor(now - HOUR_MS - 1, now), '1m')
  assert.equal(resolutionFor(now - 25 * HOUR_MS, now), '10m')
  assert.equal(resolutionFor(0, now), '10m')
})

function peers(count: number) {
  return { peers: givenStatus().peers.slice(0, count) }
}

function root(...contradictedBy: string[]) {
  return { roots: { ...givenStatus().roots, contradictedBy } }
}

function readHead(file: string): Buffer {
  return readFileSync(file).subarray(0, 8_192)
}
