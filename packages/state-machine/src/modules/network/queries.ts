import {
  type Allowance,
  type Attendance,
  defaultAttendance,
  type Genesis,
  maxValidatorsOf,
  type NodeRole,
  validatorAddress,
} from '@icn/protocol'
import { FIRST_RULES, type SqlReader } from '../../kernel/index.ts'
import type { PageRequest } from '../membership/index.ts'
import { missedInWindow } from './attendance.ts'
import { SILENT_MS } from './heartbeat.ts'
import type { PlannedUpgrade } from './upgrade.ts'

export interface NodeFacts {
  readonly id: string
  readonly org: string
  readonly publicKey: string
  readonly moniker: string
  readonly roles: readonly NodeRole[]
  readonly http: readonly string[]
  readonly p2p: readonly string[]
  readonly region: string
  readonly capacityBytes: number
  readonly status: string
  readonly untilMs: number | null
  readonly registeredTimeMs: number
  readonly version: string
  /** Of the latest heartbeat; 0: none yet. */
  readonly heartbeatMs: number
  readonly height: number
  readonly freeBytes: number
}

export interface ValidatorFacts {
  readonly address: string
  readonly publicKey: string
  readonly name: string
  /** In votes on blocks: 0 where it is not active. */
  readonly power: number
  readonly status: string
  readonly sinceHeight: number
  /** Blocks of the present window that it missed. */
  readonly missed: number
  /** The first block of an absence that lasts. */
  readonly missingSince: number | null
  readonly jailedUntilMs: number | null
  readonly node: string | null
  readonly org: string | null
  /** The latest proven misbehaviour, where there is one. */
  readonly sanction: { readonly kind: string; readonly height: number; readonly appeal: string | null } | null
}

export interface NetworkFacts {
  readonly federation: string | null
  readonly maxValidators: number
  readonly attendance: Attendance
  readonly memberAllowance: Allowance
  readonly strangerAllowance: Allowance
}

type Raw = Readonly<Record<string, unknown>>

const NODE = `SELECT n.*, p.timeMs AS heartbeatMs, p.height, p.version, p.freeBytes
  FROM node n JOIN node_pulse p ON p.node = n.id`
const VALIDATOR = `SELECT v.*, a.sinceHeight AS missingSince, n.id AS node, n.org, s.kind, s.height AS sanctionHeight, s.appeal
  FROM validator v
  LEFT JOIN absence a ON a.validator = v.address
  LEFT JOIN node_key k ON k.publicKey = v.publicKey
  LEFT JOIN node n ON n.id = k.node
  LEFT JOIN sanction s ON s.validator = v.address
    AND s.height = (SELECT max(height) FROM sanction WHERE validator = v.address)`

/** By id; retired ones too. */
export function listNodes(
  sql: SqlReader,
  { org, publicKey, after = '', limit }: PageRequest & { readonly org?: string; readonly publicKey?: string },
): NodeFacts[] {
  const conditions = [
    'n.id > ?',
    ...(org === undefined ? [] : ['n.org = ?']),
    ...(publicKey === undefined ? [] : ['n.publicKey = ?']),
  ]
  const values = [after, ...(org === undefined ? [] : [org]), ...(publicKey === undefined ? [] : [publicKey])]
  return sql
    .all<Raw>(`${NODE} WHERE ${conditions.join(' AND ')} ORDER BY n.id LIMIT ?`, ...values, limit)
    .map(nodeFacts)
}

export function findNode(sql: SqlReader, id: string): NodeFacts | undefined {
  const row = sql.get<Raw>(`${NODE} WHERE n.id = ?`, id)
  return row === undefined ? undefined : nodeFacts(row)
}

/** Whether a node that should be heard has said nothing for too long. Nothing of it is in the state. */
export function isSilent({ status, heartbeatMs }: Pick<NodeFacts, 'status' | 'heartbeatMs'>, nowMs: number): boolean {
  return (status === 'active' || status === 'draining') && nowMs - heartbeatMs > SILENT_MS
}

/** All of them, removed ones too, by address: at most some thousands. @param height - of the state that is read */
export function listValidators(sql: SqlReader, genesis: Genesis, height: number): ValidatorFacts[] {
  const rows = sql.all<Raw>(`${VALIDATOR} ORDER BY v.address`)
  return rows.length > 0 ? rows.map((row) => validatorFacts(row, genesis, height)) : genesisValidators(sql, genesis)
}

export function findValidator(
  sql: SqlReader,
  genesis: Genesis,
  height: number,
  address: string,
): ValidatorFacts | undefined {
  const row = sql.get<Raw>(`${VALIDATOR} WHERE v.address = ?`, address)
  if (row !== undefined) return validatorFacts(row, genesis, height)
  return listValidators(sql, genesis, height).find((validator) => validator.address === address)
}

export function findUpgrade(sql: SqlReader): PlannedUpgrade | undefined {
  return sql.get<PlannedUpgrade & Raw>("SELECT version, name, height, proposal FROM upgrade WHERE id = 'all'")
}

/** Version of the rules by which a block is made; the state is that before it. */
export function findRules(sql: SqlReader, height: number): number {
  const row = sql.get<{ readonly version: number }>(
    'SELECT version FROM upgrade WHERE height <= ? ORDER BY version DESC LIMIT 1',
    height,
  )
  return Number(row?.version ?? FIRST_RULES)
}

/** What holds for the network now: the genesis, and what decisions changed of it. */
export function networkFacts(sql: SqlReader, genesis: Genesis): NetworkFacts {
  const row = sql.get<Raw>("SELECT * FROM network_rule WHERE id = 'all'")
  const { memberAllowance, strangerAllowance, attendance = defaultAttendance } = genesis.params
  if (row === undefined) {
    return { federation: null, maxValidators: maxValidatorsOf(genesis), memberAllowance, strangerAllowance, attendance }
  }
  return {
    federation: row.federation as string | null,
    maxValidators: Number(row.maxValidators),
    memberAllowance: (JSON.parse(String(row.memberAllowance)) as Allowance | null) ?? memberAllowance,
    strangerAllowance: (JSON.parse(String(row.strangerAllowance)) as Allowance | null) ?? strangerAllowance,
    attendance,
  }
}

function nodeFacts({ _node, ...row }: Raw): NodeFacts {
  const list = (name: string): unknown => JSON.parse(String(row[name]))
  return { ...row, roles: list('roles'), http: list('http'), p2p: list('p2p') } as unknown as NodeFacts
}

function validatorFacts(row: Raw, { params }: Genesis, height: number): ValidatorFacts {
  const { address, publicKey, name, status, sinceHeight, missingSince, jailedUntilMs, node, org, kind } = row
  const { windowBlocks } = params.attendance ?? defaultAttendance
  const count = { window: Number(row.window), missed: Number(row.missed) }
  // A block tells of the one before it.
  const last = Math.max(1, height - 1)
  return {
    ...({ address, publicKey, name, status, sinceHeight, missingSince, jailedUntilMs, node, org } as ValidatorFacts),
    power: status === 'active' ? Number(row.power) : 0,
    missed: missedInWindow(windowBlocks, count, missingSince === null ? undefined : Number(missingSince), last),
    sanction:
      kind === null ? null : ({ kind, height: row.sanctionHeight, appeal: row.appeal } as ValidatorFacts['sanction']),
  }
}

function genesisValidators(sql: SqlReader, { validators }: Genesis): ValidatorFacts[] {
  const none = { missed: 0, missingSince: null, jailedUntilMs: null, sanction: null }
  const facts = validators.map(({ name, publicKey, power }) => {
    const held = sql.get<{ node: string; org: string }>(
      'SELECT k.node, n.org FROM node_key k JOIN node n ON n.id = k.node WHERE k.publicKey = ?',
      publicKey,
    )
    const place = { node: held?.node ?? null, org: held?.org ?? null }
    return {
      address: validatorAddress(publicKey),
      publicKey,
      name,
      power,
      status: 'active',
      sinceHeight: 1,
      ...none,
      ...place,
    }
  })
  return facts.sort((a, b) => (a.address < b.address ? -1 : 1))
}
