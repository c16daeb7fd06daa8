import type { Allowance, NodeRole } from '@icn/protocol'
import { bool, defineQueue, defineTable, did, json, optional, text, uint } from '../../kernel/index.ts'

export const nodes = defineTable('node', {
  key: { id: text },
  columns: {
    org: did,
    publicKey: text,
    moniker: text,
    roles: json<readonly NodeRole[]>(),
    http: json<readonly string[]>(),
    p2p: json<readonly string[]>(),
    region: text,
    capacityBytes: uint,
    /** `registered` until the first heartbeat, then `active`, `draining`, `maintenance`; `retired` for good. */
    status: text,
    /** When the registration lapses without a heartbeat, or the maintenance ends. */
    untilMs: optional(uint),
    registeredTimeMs: uint,
  },
  indexes: [['org'], ['publicKey']],
})

/** The latest heartbeat of a node, apart from what its organization says of it: this row changes often. */
export const pulses = defineTable('node_pulse', {
  key: { node: text },
  columns: {
    /** 0: none yet. */
    timeMs: uint,
    height: uint,
    version: text,
    freeBytes: uint,
  },
})

/** Which node holds a key, once a heartbeat has proved it; the key of a retired one is free. */
export const nodeKeys = defineTable('node_key', { key: { publicKey: text }, columns: { node: text } })

/** Nodes of an organization that are not retired. */
export const nodeCounts = defineTable('node_count', { key: { org: did }, columns: { nodes: uint } })

/**
 * Who votes on blocks, or did. Without any row the validators of the genesis hold: a network that can never have others
 * needs none.
 */
export const validators = defineTable('validator', {
  /** The first 20 bytes of the SHA-256 of the public key, in hex. */
  key: { address: text },
  columns: {
    publicKey: text,
    name: text,
    /** While it is active; nothing else has power. */
    power: uint,
    /** `active`, `jailed` or `removed`. */
    status: text,
    /** The first block that it may sign since it is active. */
    sinceHeight: uint,
    /** The window of blocks that `missed` counts in. */
    window: uint,
    /** Blocks of that window that it missed, without an absence that still lasts. */
    missed: uint,
    /** Not before this time may it be let out. */
    jailedUntilMs: optional(uint),
  },
})

/** Validators who are missing right now, since which block. */
export const absences = defineTable('absence', { key: { validator: text }, columns: { sinceHeight: uint } })

/** Proven misbehaviour. */
export const sanctions = defineTable('sanction', {
  key: { validator: text, height: uint },
  columns: {
    /** `duplicate-vote` or `light-client-attack`. */
    kind: text,
    /** When it happened. */
    timeMs: uint,
    recordedTimeMs: uint,
    /** The proposal of the appeal, where there is one. */
    appeal: optional(text),
  },
})

/** Validators who are to be removed for misbehaviour as soon as the limit of a day allows; the block of it. */
export const removals = defineTable('removal', { key: { validator: text }, columns: { height: uint } })

/** What a validator's power was before its first change of an hour; rows of more than a day ago are gone. */
export const powersBefore = defineTable('power_before', {
  /** Hours since 1970. */
  key: { hour: uint, validator: text },
  columns: { power: uint },
})

/** One row, id `all`, where the genesis has more than one validator or a federation; `null`: as the genesis says. */
export const networkRules = defineTable('network_rule', {
  key: { id: text },
  columns: {
    federation: optional(did),
    maxValidators: uint,
    /** Whether there may ever be more than one validator. */
    isFixed: bool,
    memberAllowance: optional(json<Allowance>()),
    strangerAllowance: optional(json<Allowance>()),
  },
})

/** Id `all`: the latest upgrade that was decided on, also after its height; `before`: the one in force until that one is due. */
export const upgrades = defineTable('upgrade', {
  key: { id: text },
  columns: { version: uint, name: text, height: uint, proposal: text },
})

/** Id: the node. Kinds: `registration`, `maintenance`. */
export const networkDeadlines = defineQueue('network_deadline')

export const networkTables = [
  nodes,
  pulses,
  nodeKeys,
  nodeCounts,
  validators,
  absences,
  sanctions,
  removals,
  powersBefore,
  networkRules,
  upgrades,
  networkDeadlines,
]
