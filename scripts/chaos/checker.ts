import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { heightOfId } from '@icn/state-machine/kernel'
import type { Acknowledged } from './load.ts'

/**
 * Reads what stands in the databases of all nodes, and compares it: every block and every transaction, from the first on.
 */
export interface Checker {
  /**
   * Goes on from where the last check ended, up to the height that all nodes have.
   *
   * @param acknowledged - what came since the last check
   * @returns what is wrong, in words; nothing where all is well
   */
  check(acknowledged: readonly Acknowledged[]): string[]
  /** Up to which height everything was compared. */
  readonly height: () => number
  /** Transactions of a signer that are committed. */
  readonly countOf: (signer: string) => number
}

interface Transaction {
  readonly id: number
  readonly hash: string
  readonly signer: string
  readonly code: number
}

interface Part {
  /** `<hash> <app hash> <transactions>` by height. */
  readonly blocks: ReadonlyMap<number, string>
  readonly transactions: readonly Transaction[]
}

/** @param homes - data folders, whether their nodes run or not */
export function createChecker(homes: readonly string[]): Checker {
  /** Height of each committed transaction, by its hash. */
  const committed = new Map<string, number>()
  const counts = new Map<string, number>()
  /** Acknowledged at a height that not all nodes had at the last check. */
  let waiting: readonly Acknowledged[] = []
  let height = 0

  function check(acknowledged: readonly Acknowledged[]): string[] {
    const until = Math.min(...homes.map(heightIn))
    const parts = homes.map((home) => readPart(home, height, until))
    const [first] = parts as [Part]
    const findings = parts.flatMap((part, index) => differences(first, part, `node${index + 1}`))
    findings.push(...count(first.transactions))
    height = until
    const all = [...waiting, ...acknowledged]
    waiting = all.filter((vote) => vote.height > until)
    return [...findings, ...lost(all.filter((vote) => vote.height <= until))]
  }

  function count(transactions: readonly Transaction[]): string[] {
    return transactions.flatMap(({ id, hash, signer, code }) => {
      if (code !== 0) return [`block ${heightOfId(id)} holds the refused transaction ${hash} (${code})`]
      const before = committed.get(hash)
      committed.set(hash, heightOfId(id))
      counts.set(signer, (counts.get(signer) ?? 0) + 1)
      return before === undefined ? [] : [`${hash} is committed twice, in ${before} and ${heightOfId(id)}`]
    })
  }

  function lost(votes: readonly Acknowledged[]): string[] {
    return votes
      .filter((vote) => committed.get(vote.hash) !== vote.height)
      .map((vote) => `${vote.hash} was acknowledged in ${vote.height}, and is in ${committed.get(vote.hash) ?? 'none'}`)
  }

  return { check, height: () => height, countOf: (signer) => counts.get(signer) ?? 0 }
}

function differences(first: Part, other: Part, name: string): string[] {
  const heights = new Set([...first.blocks.keys(), ...other.blocks.keys()])
  return [...heights]
    .filter((height) => first.blocks.get(height) !== other.blocks.get(height))
    .map((height) => `block ${height} of ${name}: ${other.blocks.get(height)}, of node1: ${first.blocks.get(height)}`)
}

function heightIn(home: string): number {
  return reading(home, (database) => {
    const row = database.prepare('SELECT coalesce(max(height), 0) AS height FROM block').get()
    return Number(row?.height)
  })
}

function readPart(home: string, after: number, until: number): Part {
  return reading(home, (database) => {
    const transactions = database
      .prepare(
        'SELECT id, lower(hex(hash)) AS hash, signer, code FROM tx WHERE id >> 20 > ? AND id >> 20 <= ? ORDER BY id',
      )
      .all(after, until) as unknown as Transaction[]
    const inBlock = Map.groupBy(transactions, ({ id }) => heightOfId(id))
    const rows = database
      .prepare('SELECT height, hex(hash) AS hash, hex(appHash) AS appHash FROM block WHERE height > ? AND height <= ?')
      .all(after, until) as unknown as { height: number; hash: string; appHash: string }[]
    const blocks = rows.map(({ height, hash, appHash }) => {
      const own = (inBlock.get(height) ?? []).map((transaction) => `${transaction.hash}:${transaction.code}`)
      return [height, [hash, appHash, ...own].join(' ')] as const
    })
    return { blocks: new Map(blocks), transactions }
  })
}

function reading<T>(home: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(join(home, 'state.db'), { readOnly: true })
  try {
    return work(database)
  } finally {
    database.close()
  }
}
