import { makeBlocks } from './blocks.ts'
import { makeBundles } from './bundles.ts'
import { makeEncoding } from './encoding.ts'
import { makeLogs } from './logs.ts'
import { makeNames } from './names.ts'
import { makeRejects } from './rejects.ts'
import { makeSignatures } from './signatures.ts'
import { makeRows, makeTables, makeTrees } from './state.ts'
import { makeTransactions } from './transactions.ts'

const makers: Readonly<Record<string, () => unknown>> = {
  'blocks.json': makeBlocks,
  'bundles.json': makeBundles,
  'encoding.json': makeEncoding,
  'logs.json': makeLogs,
  'names.json': makeNames,
  'rejects.json': makeRejects,
  'rows.json': makeRows,
  'signatures.json': makeSignatures,
  'tables.json': makeTables,
  'transactions.json': makeTransactions,
  'trees.json': makeTrees,
}

/** The text of every file of vectors, by name; the same on every machine. */
export function makeVectors(): Map<string, string> {
  return new Map(Object.entries(makers).map(([name, make]) => [name, `${JSON.stringify(make(), null, 1)}\n`]))
}
