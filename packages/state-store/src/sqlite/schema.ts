import { sha256, toHex } from '@icn/crypto'
import type { ModuleTables, Table } from '@icn/state-machine/kernel'
import { quote } from './quote.ts'

/** Version of the layout below; a newer one in a folder is refused, an older one is migrated (`MIGRATIONS`). */
export const SCHEMA_VERSION = 4

/** In `meta`: the roots of the modules after the last block, which says where an opened folder has another root than it. */
export const MODULE_ROOTS = 'moduleRoots'

const TYPES = { text: 'TEXT', uint: 'INTEGER', bool: 'INTEGER', json: 'TEXT' } as const

/**
 * Transactions and events by `historyId`. `tx` in an event is the id of its transaction; of what happened at the end of
 * a block, the one after the last. For `tx_place` see transaction-index.ts.
 */
const HISTORY = `
CREATE TABLE tx (id INTEGER PRIMARY KEY, hash BLOB NOT NULL, signer TEXT NOT NULL, kind TEXT NOT NULL, lane INTEGER NOT NULL,
  code INTEGER NOT NULL, result TEXT NOT NULL, bytes BLOB NOT NULL);
CREATE INDEX tx_identity ON tx (signer) WHERE kind IN ('identity.register', 'identity.rotate', 'identity.deactivate');
CREATE TABLE tx_place (run INTEGER NOT NULL, hash BLOB NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (run, hash)) WITHOUT ROWID;
CREATE TABLE event (id INTEGER PRIMARY KEY, tx INTEGER NOT NULL, lane INTEGER NOT NULL, topic TEXT NOT NULL, org TEXT,
  subject TEXT NOT NULL, data TEXT NOT NULL);
CREATE INDEX event_subject ON event (subject);
`

/** The logs of lanes, leaf by leaf: the height of its block, and what it made, see `LaneEntry`. */
const LANES = `
CREATE TABLE lane_entry (lane INTEGER NOT NULL, position INTEGER NOT NULL, height INTEGER NOT NULL, nodes BLOB NOT NULL,
  PRIMARY KEY (lane, position)) WITHOUT ROWID;
`

/** Tables beside the state: derived from the blocks, and rebuilt from them by a replay. */
const DERIVED = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE block (height INTEGER PRIMARY KEY, timeMs INTEGER NOT NULL, hash BLOB NOT NULL, header BLOB NOT NULL,
  appHash BLOB NOT NULL, txCount INTEGER NOT NULL, report TEXT NOT NULL);
${HISTORY}${LANES}`

/** The SQL that makes an empty database. */
export function schemaSql(modules: readonly ModuleTables[]): string {
  return [tablesSql(modules), indexesSql(modules)].join('\n')
}

export function tablesSql(modules: readonly ModuleTables[]): string {
  return [DERIVED, ...modules.flatMap(({ tables }) => tables.map(tableSql))].join('\n')
}

/** The SQL that makes the tables of modules in a database that has others. */
export function modulesSql(modules: readonly ModuleTables[]): string {
  return [...modules.flatMap(({ tables }) => tables.map(tableSql)), indexesSql(modules)].join('\n')
}

/** PERF: apart, since a full table is indexed in a fraction of the time that its rows would take one by one. */
export function indexesSql(modules: readonly ModuleTables[]): string {
  return modules.flatMap(({ tables }) => tables.flatMap(indexSql)).join('\n')
}

/** A state table: its columns by their own names, and `_node` with path and leaf hash. */
function tableSql(table: Table): string {
  const columns = Object.entries({ ...table.key, ...table.columns }).map(
    ([name, { kind, optional }]) => `${quote(name)} ${TYPES[kind]}${optional ? '' : ' NOT NULL'}`,
  )
  const name = quote(table.name)
  const key = table.keyNames.map(quote).join(', ')
  return `CREATE TABLE ${name} (${columns.join(', ')}, _node BLOB NOT NULL, PRIMARY KEY (${key})) WITHOUT ROWID;`
}

function indexSql(table: Table): string[] {
  return table.indexes.map((index) => {
    const name = quote(`${table.name}_${index.join('_')}`)
    return `CREATE INDEX ${name} ON ${quote(table.name)} (${index.map(quote).join(', ')});`
  })
}

/** Names a set of tables and columns: a store opened with others would read rows that mean something else. */
export function schemaFingerprint(modules: readonly ModuleTables[]): string {
  const shape = modules.map(({ name, tables }) => [name, tables.map((table) => [table.name, table.key, table.columns])])
  return toHex(sha256(new TextEncoder().encode(JSON.stringify(shape)))).slice(0, 32)
}

/** What leads from each layout to the next: index 0 makes layout 2 of layout 1. */
export const MIGRATIONS: readonly string[] = [
  `ALTER TABLE tx RENAME TO old_tx;
   ALTER TABLE event RENAME TO old_event;
   DROP INDEX tx_hash;
   DROP INDEX tx_identity;
   DROP INDEX event_subject;
   ${HISTORY}
   INSERT INTO tx SELECT height * 1048576 + idx, hash, signer, kind, lane, code, result, bytes FROM old_tx;
   INSERT INTO event SELECT height * 1048576 + seq, height * 1048576 + idx, lane, topic, org, subject, data FROM old_event;
   DROP TABLE old_tx;
   DROP TABLE old_event;`,
  `ALTER TABLE block ADD COLUMN report TEXT NOT NULL DEFAULT '{"proposer":"","missed":[],"misbehaviour":[]}';`,
  LANES,
]
