import { closeSync, existsSync, fsyncSync, openSync } from 'node:fs'
import type { DatabaseSync } from 'node:sqlite'
import type { ModuleTables, Table } from '@icn/state-machine/kernel'
import { CorruptData, NewerVersion, RESTORE } from '../errors.ts'
import { connect } from './connect.ts'
import { MIGRATIONS, modulesSql, SCHEMA_VERSION, schemaFingerprint, schemaSql } from './schema.ts'

/** SQLite's codes for a damaged page and for a file that is no database. */
const DAMAGED = [11, 26]

/** Opens a connection; an empty folder gets its tables. @throws CorruptData, NewerVersion */
export function openDatabase(file: string, modules: readonly ModuleTables[]): DatabaseSync {
  const marker = `${file}.created`
  if (existsSync(marker) && !existsSync(file)) throw new CorruptData(`${file} is missing`, RESTORE)
  return asFound(file, () => {
    const database = connect(file)
    if (existsSync(marker) || hasTables(database)) checkSchema(database, file, modules)
    else createSchema(database, modules)
    if (!existsSync(marker)) createMarker(marker)
    return database
  })
}

/** SQLite's codes for what the machine cannot do now: busy, read-only, an error of the disk, full, cannot be opened. */
const MACHINE = [5, 8, 10, 13, 14]

/**
 * Runs what only reads a database as it was found. The program is the same every time, so whatever fails, the machine
 * aside, fails because of the data.
 */
export function asFound<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    const known = cause instanceof CorruptData || cause instanceof NewerVersion || MACHINE.includes(errorCode(cause))
    if (known) throw cause
    throw new CorruptData(`${file}: ${(cause as Error).message}`, RESTORE, { cause })
  }
}

/** Runs `work`, and says it in words where SQLite finds a damaged page. */
export function orCorrupt<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (!isDamage(cause)) throw cause
    throw new CorruptData(`${file}: ${(cause as Error).message}`, RESTORE, { cause })
  }
}

/** Whether an error is SQLite's word for a damaged page or a file that is no database. */
export function isDamage(error: unknown): boolean {
  return DAMAGED.includes(errorCode(error))
}

function errorCode(error: unknown): number {
  return ((error as { errcode?: number } | undefined)?.errcode ?? 0) & 0xff
}

function hasTables(database: DatabaseSync): boolean {
  return database.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.tables !== 0
}

function createSchema(database: DatabaseSync, modules: readonly ModuleTables[]): void {
  database.exec('BEGIN IMMEDIATE')
  database.exec(schemaSql(modules))
  const put = database.prepare('INSERT INTO meta VALUES (?, ?)')
  put.run('schemaVersion', String(SCHEMA_VERSION))
  put.run('tables', schemaFingerprint(modules))
  database.exec('COMMIT')
}

/** Says from now on that a missing file is a loss. */
function createMarker(marker: string): void {
  const descriptor = openSync(marker, 'w')
  fsyncSync(descriptor)
  closeSync(descriptor)
}

function checkSchema(database: DatabaseSync, file: string, modules: readonly ModuleTables[]): void {
  const hasMeta =
    database.prepare("SELECT count(*) AS tables FROM sqlite_schema WHERE name = 'meta'").get()?.tables === 1
  if (!hasMeta) throw new CorruptData(`${file} holds no tables`, RESTORE)
  const get = database.prepare('SELECT value FROM meta WHERE key = ?')
  const version = Number(get.get('schemaVersion')?.value)
  if (version > SCHEMA_VERSION) {
    throw new NewerVersion(
      `${file} was written by a newer version (layout ${version}, this one knows ${SCHEMA_VERSION}); install that one`,
    )
  }
  migrate(database, version)
  addLaterTables(database, modules)
  if (get.get('tables')?.value !== schemaFingerprint(modules)) {
    throw new CorruptData(`${file} has other tables than this version knows`, 'install the version that wrote it')
  }
}

/**
 * Tables that came after this file was made begin without rows, which changes no root. Those that are there must be all
 * that the file was made with, as the fingerprint says, and of this version; a module of which none is there must be a
 * later one.
 */
function addLaterTables(database: DatabaseSync, modules: readonly ModuleTables[]): void {
  const find = database.prepare("SELECT count(*) AS tables FROM sqlite_schema WHERE type = 'table' AND name = ?")
  const isThere = ({ name }: Table) => find.get(name)?.tables === 1
  const present = withTables(modules, isThere)
  const added = withTables(modules, (table) => !isThere(table))
  const isMissed = ({ name, isLater }: ModuleTables) => isLater !== true && present.every((own) => own.name !== name)
  if (added.length === 0 || modules.some(isMissed)) return
  const before = database.prepare("SELECT value FROM meta WHERE key = 'tables'").get()?.value
  if (before !== schemaFingerprint(present)) return
  database.exec('BEGIN IMMEDIATE')
  database.exec(modulesSql(added))
  database.prepare("UPDATE meta SET value = ? WHERE key = 'tables'").run(schemaFingerprint(modules))
  database.exec('COMMIT')
}

/** The modules with some of their tables alone; those with none of them are left out. */
function withTables(modules: readonly ModuleTables[], isWanted: (table: Table) => boolean): ModuleTables[] {
  const some = modules.map((module) => ({ ...module, tables: module.tables.filter(isWanted) }))
  return some.filter(({ tables }) => tables.length > 0)
}

function migrate(database: DatabaseSync, version: number): void {
  for (let from = version; from < SCHEMA_VERSION; from++) {
    database.exec(
      `BEGIN IMMEDIATE; ${MIGRATIONS[from - 1]}; UPDATE meta SET value = '${from + 1}' WHERE key = 'schemaVersion'; COMMIT`,
    )
  }
}
