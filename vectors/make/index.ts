import { makeBlocks } from './blocks.ts'
import { makeBundles } from './bundles.ts'
import { makeCounts } from './counts.ts'
import { makeEncoding } from './encoding.ts'
import { makeLanes } from './lanes.ts'
import { makeLightSteps } from './light-steps.ts'
import { makeLogs } from './logs.ts'
import { makeNames } from './names.ts'
import { makeRejects } from './rejects.ts'
import { makeSignatures } from './signatures.ts'
import { makeRows, makeTables, makeTrees } from './state.ts'
import { makeTransactions } from './transactions.ts'

const makers: Readonly<Record<string, () => unknown>> = {
  'blocks.json': makeBlocks,
  'bundles.json': makeBundles,
  'counts.json': makeCounts,
  'encoding.json': makeEncoding,
  'lanes.json': makeLanes,
  'light/steps.json': makeLightSteps,
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
  return new Map(Object.entries(makers).map(([name, make]) => [name, `${textOf(name, make())}\n`]))
}

function textOf(name: string, value: unknown): string {
  return name === 'counts.json' ? linesOf(value) : JSON.stringify(value, null, 1)
}

/** Hundreds of small entries in a map of lists: each on a line of its own. */
function linesOf(value: unknown): string {
  const lists = Object.entries(value as Readonly<Record<string, readonly unknown[]>>)
  const texts = lists.map(
    ([name, list]) => `"${name}": [\n${list.map((entry) => JSON.stringify(entry)).join(',\n')}\n]`,
  )
  return `{\n${texts.join(',\n')}\n}`
}
