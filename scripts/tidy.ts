/** Rules of the house that no linter knows: who may import whom, how long a file may be, links that lead somewhere. */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** A package imports only packages before it; `testkit` is for tests, apps and scripts may import all. */
const ORDER = [
  'crypto',
  'protocol',
  'tally',
  'state-machine',
  'state-store',
  'consensus',
  'monitor',
  'blob-store',
  'http-api',
  'sdk',
] as const

const MAX_LINES = 400

export function tidy(): string[] {
  const sources = find('{packages,apps,bench,scripts,vectors,examples}/**/*.{ts,js}')
  const docs = find('{*.md,docs/**/*.md,examples/**/*.md,vectors/**/*.md,packages/**/*.md,apps/**/*.md}')
  return [...sources.flatMap(directions), ...sources.flatMap(sizes), ...docs.flatMap(links)]
}

function find(pattern: string): string[] {
  return globSync(pattern, { exclude: (path) => path.includes('node_modules') || path.includes('references') })
}

function directions(file: string): string[] {
  const home = /^packages\/([^/]+)\/src\//.exec(file)?.[1]
  const imported = [...readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(
    (match) => match[1] ?? '',
  )
  return imported.flatMap((name) => {
    const target = /^@icn\/([^/]+)/.exec(name)?.[1]
    if (name.startsWith('.') && /(?:^|\/)packages\/|\.\.\/\.\.\/\.\.\/\.\.\//.test(name) && home !== undefined)
      return [`${file}: imports ${name}; go through the package's exports`]
    if (home === undefined || home === 'testkit' || target === undefined) return []
    const allowed = ORDER.indexOf(target as (typeof ORDER)[number])
    if (allowed === -1 || allowed >= ORDER.indexOf(home as (typeof ORDER)[number]))
      return [`${file}: ${home} must not import ${target} (order: ${ORDER.join(' < ')})`]
    return []
  })
}

function sizes(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split('\n').length
  return lines > MAX_LINES ? [`${file}: ${lines} lines, at most ${MAX_LINES}`] : []
}

function links(file: string): string[] {
  const targets = [...readFileSync(file, 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(
    (match) => match[1] ?? '',
  )
  return targets
    .filter((target) => !/^(https?|mailto):/.test(target))
    .filter((target) => !existsSync(join(dirname(file), target)))
    .map((target) => `${file}: the link to ${target} leads nowhere`)
}
