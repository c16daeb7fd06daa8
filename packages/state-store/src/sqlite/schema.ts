import { sha256, toHex } from '@icn/crypto'
import type { ModuleTables, Table } from '@icn/state-machine/kernel'

/** Version of the layout below; a newer one in a folder is refused, an older one is migrated (see migrations.ts). */
export const SCHEMA_VERSION = 1

const TYPES = { text: 'TEXT', uint: 'INTEGER', bool: 'INTEGER', json: 'TEXT' } as const

/** Tables beside the state: blocks, transactions and events are derived from the blocks and can be rebuilt from them. */
const DERIVED = `
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE block (height INTEGER PRIMARY KEY, timeMs INTEGER NOT NULL, hash BLOB NOT NULL, header BLOB NOT NULL,
  appHash BLOB NOT NULL, txCount INTEGER NOT NULL);
CREATE TABLE tx (height INTEGER NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL, signer TEXT NOT NULL, kind TEXT NOT NULL,
  lane INTEGER NOT NULL, code INTEGER NOT NULL, result TEXT NOT NULL, bytes BLOB NOT NULL, PRIMARY KEY (height, idx)) WITHOUT ROWID;
CREATE UNIQUE INDEX tx_hash ON tx (hash);
CREATE INDEX tx_identity ON tx (signer) WHERE kind IN ('identity.register', 'identity.rotate', 'identity.deactivate');
CREATE TABLE event (height INTEGER NOT NULL, seq INTEGER NOT NULL, idx INTEGER NOT NULL, lane INTEGER NOT NULL, topic TEXT NOT NULL,
  org TEXT, subject TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (height, seq)) WITHOUT ROWID;
CREATE INDEX event_subject ON event (subject, height, seq);
`

/** The SQL that makes an empty database. */
export function schemaSql(modules: readonly ModuleTables[]): string {
  return [DERIVED, ...modules.flatMap(({ tables }) => tables.map(tableSql))].join('\n')
}

/** A state table: its columns by their own names, and `_node` with path and leaf hash. */
function tableSql(table: Table): string {
  const columns = Object.entries({ ...table.key, ...table.columns }).map(
    ([name, { kind, optional }]) => `${quote(name)} ${TYPES[kind]}${optional ? '' : ' NOT NULL'}`,
  )
  const name = quote(table.name)
  const key = table.keyNames.map(quote).join(', ')
  const indexes = table.indexes.map(
    (index) => `CREATE INDEX ${quote(`${table.name}_${index.join('_')}`)} ON ${name} (${index.map(quote).join(', ')});`,
  )
  return [
    `CREATE TABLE ${name} (${columns.join(', ')}, _node BLOB NOT NULL, PRIMARY KEY (${key})) WITHOUT ROWID;`,
    ...indexes,
  ].join('\n')
}

/** Names a set of tables and columns: a store opened with others would read rows that mean something else. */
export function schemaFingerprint(modules: readonly ModuleTables[]): string {
  const shape = modules.map(({ name, tables }) => [name, tables.map((table) => [table.name, table.key, table.columns])])
  return toHex(sha256(new TextEncoder().encode(JSON.stringify(shape)))).slice(0, 32)
}

export function quote(name: string): string {
  return `"${name}"`
}
