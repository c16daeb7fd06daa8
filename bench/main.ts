/**
 * `npm run bench [-- NAME…] [--json] [--profile DIR]`: measures against named references in the same run.
 * With `--json` one line for each figure on stdout, nothing else; else a table. Progress on stderr. With `--profile` each
 * node of `network` writes a profile of its processor time into that folder (`node --cpu-prof`), which slows it down.
 */
import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import type { Bench, BenchResult } from './result.ts'

const benches: Readonly<Record<string, () => Promise<{ readonly run: Bench }>>> = {
  counting: () => import('./counting.ts'),
  flood: () => import('./flood.ts'),
  'join-by-snapshot': () => import('./join-by-snapshot.ts'),
  lanes: () => import('./lanes.ts'),
  light: () => import('./light.ts'),
  memory: () => import('./memory.ts'),
  network: () => import('./network.ts'),
  observer: () => import('./observer.ts'),
  state: () => import('./state.ts'),
  'state-sync': () => import('./state-sync.ts'),
  tally: () => import('./tally.ts'),
  votes: () => import('./votes.ts'),
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, profile: { type: 'string' } },
})
const names = positionals.length > 0 ? positionals : Object.keys(benches)
const unknown = names.filter((name) => !(name in benches))
if (unknown.length > 0) {
  console.error(`unknown benchmark ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`)
  process.exit(2)
}

console.error(
  `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
)
for (const name of names) {
  const bench = benches[name]
  if (bench === undefined) continue
  for (const line of await (await bench()).run({ json: values.json, profile: values.profile })) {
    console.log(values.json ? JSON.stringify(line) : readable(line))
  }
}

function readable(line: BenchResult): string {
  const against = line.reference === null ? '' : ` · ${line.referenceName}: ${line.reference} (${line.ratio}×)`
  return `${line.name.padEnd(44)} ${String(line.ours).padStart(9)} ${line.unit}${against} · ${line.conditions}`
}
