import { rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import type { Alert } from '../alerts/alert.ts'
import { LEVELS, type Resolution } from './levels.ts'
import { mergePoints, type Point } from './point.ts'

/** A week of points and alerts in a file of its own: no state, and nothing of value is lost where it is lost. */
export interface History {
  /** Keeps a point, and what it completes of the coarser levels. */
  add(point: Point): void
  /** Points from `fromMs` until before `untilMs`, oldest first. */
  points(resolution: Resolution, fromMs: number, untilMs: number): Point[]
  /** Keeps an alert as it is now. */
  putAlert(alert: Alert): void
  /** Latest first. */
  alerts(open: boolean | undefined, limit: number): Alert[]
  close(): void
}

/** Raised with every change of the tables: a file of another version is begun anew. */
const LAYOUT = 1
const MOST_ALERTS = 1_000
const SCHEMA = `
CREATE TABLE IF NOT EXISTS point (level TEXT NOT NULL, slot INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (level, slot)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alert (id TEXT PRIMARY KEY, startMs INTEGER NOT NULL, endMs INTEGER, data TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS alert_start ON alert (startMs);
`

/**
 * Opens the history; what cannot be read is begun anew.
 *
 * @param file - `monitor.db` in the data folder
 * @param onLost - gets why the file was begun anew
 */
export function openHistory(file: string, onLost: (reason: string) => void): History {
  const database = openOrBeginAnew(file, onLost)
  const put = database.prepare('INSERT OR REPLACE INTO point VALUES (?, ?, ?)')
  const range = database.prepare('SELECT data FROM point WHERE level = ? AND slot >= ? AND slot < ? ORDER BY slot')
  const lastSlot = database.prepare('SELECT max(slot) AS slot FROM point WHERE level = ?')
  const prune = database.prepare(
    'DELETE FROM point WHERE level = ?1 AND (slot < ?2 OR slot > ?3 OR slot <= (SELECT slot FROM point WHERE level = ?1 ORDER BY slot DESC LIMIT 1 OFFSET ?4))',
  )
  const putAlert = database.prepare('INSERT OR REPLACE INTO alert VALUES (?, ?, ?, ?)')
  const pruneAlerts = database.prepare(
    'DELETE FROM alert WHERE endMs IS NOT NULL AND startMs < (SELECT startMs FROM alert ORDER BY startMs DESC LIMIT 1 OFFSET ?)',
  )
  const someAlerts = database.prepare(
    'SELECT data FROM alert WHERE ?1 IS NULL OR (endMs IS NULL) = ?1 ORDER BY startMs DESC, id LIMIT ?2',
  )

  function read(level: string, from: number, until: number): Point[] {
    return range.all(level, from, until).map(({ data }) => JSON.parse(String(data)) as Point)
  }

  function add(point: Point): void {
    database.exec('BEGIN')
    try {
      const slot = slotOf(point.timeMs, 0)
      // A sample that was taken out of turn shares its slot with another, and nothing that either counted is lost.
      const [same] = read('10s', slot, slot + 1)
      put.run('10s', slot, JSON.stringify(same === undefined ? point : mergePoints([same, point])))
      for (const index of [1, 2]) complete(index, point.timeMs)
      for (const index of LEVELS.keys()) forget(index, point.timeMs)
      database.exec('COMMIT')
    } catch (error) {
      // SQLite has rolled back by itself where the disk is full, and would say that instead of what is wrong.
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }

  /** Merges what lies between the last slot of a level and the one that has begun: after a stop that may be several. */
  function complete(index: number, nowMs: number): void {
    const level = LEVELS[index]
    const finer = LEVELS[index - 1]
    if (level === undefined || finer === undefined) return
    const now = slotOf(nowMs, index)
    const last = lastSlot.get(level.name)?.slot
    const from = typeof last === 'number' ? last + 1 : 0
    const perSlot = level.stepMs / finer.stepMs
    const bySlot = Map.groupBy(read(finer.name, from * perSlot, now * perSlot), ({ timeMs }) => slotOf(timeMs, index))
    for (const [slot, [first, ...rest]] of bySlot)
      if (first !== undefined) put.run(level.name, slot, JSON.stringify(mergePoints([first, ...rest])))
  }

  /** What is too old, and what a clock that has since gone back put into the future. The number of rows is bounded in any case. */
  function forget(index: number, nowMs: number): void {
    const { name, stepMs, keepMs } = LEVELS[index] ?? LEVELS[0]
    prune.run(name, slotOf(nowMs - keepMs, index), slotOf(nowMs, index), keepMs / stepMs)
  }

  function slots(resolution: Resolution, ms: number): number {
    const level = LEVELS.find(({ name }) => name === resolution) ?? LEVELS[0]
    return Math.ceil(ms / level.stepMs)
  }

  return {
    add,
    points: (resolution, fromMs, untilMs) => read(resolution, slots(resolution, fromMs), slots(resolution, untilMs)),
    putAlert: (alert) => {
      putAlert.run(alert.id, alert.startMs, alert.endMs, JSON.stringify(alert))
      pruneAlerts.run(MOST_ALERTS - 1)
    },
    alerts: (open, limit) =>
      someAlerts
        .all(open === undefined ? null : Number(open), limit)
        .map(({ data }) => JSON.parse(String(data)) as Alert),
    close: () => database.close(),
  }
}

function slotOf(timeMs: number, index: number): number {
  return Math.floor(timeMs / (LEVELS[index]?.stepMs ?? 1))
}

function openOrBeginAnew(file: string, onLost: (reason: string) => void): DatabaseSync {
  try {
    return open(file)
  } catch (error) {
    onLost((error as Error).message)
    for (const name of [file, `${file}-wal`, `${file}-shm`]) rmSync(name, { force: true })
    return open(file)
  }
}

/** A few thousand rows: looking through all of them takes milliseconds. */
function open(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 0')
    const layout = Number(database.prepare('PRAGMA user_version').get()?.user_version)
    const tables = Number(database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.tables)
    if (tables > 0 && layout !== LAYOUT) throw new Error(`it has layout ${layout}, this program writes ${LAYOUT}`)
    const check = String(database.prepare('PRAGMA integrity_check(1)').get()?.integrity_check)
    if (check !== 'ok') throw new Error(check)
    database.exec(`${SCHEMA}; PRAGMA user_version = ${LAYOUT}`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
