/** Everything that can be checked without running the system: types, lint and format, directions, unused code. */
import { spawnSync } from 'node:child_process'
import { tidy } from './tidy.ts'

const commands: readonly (readonly [name: string, command: string, ...args: string[]])[] = [
  ['types', 'tsc', '-p', 'tsconfig.json'],
  ['lint and format', 'biome', 'check', '--error-on-warnings'],
  ['unused code', 'knip', '--no-progress'],
]

let failed = 0
for (const [name, command, ...args] of commands) {
  const startMs = Date.now()
  const { status } = spawnSync(command, args, { stdio: 'inherit' })
  if (status !== 0) failed++
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${Date.now() - startMs} ms)`)
}

const findings = tidy()
for (const finding of findings) console.error(finding)
if (findings.length > 0) failed++
console.log(`${findings.length === 0 ? 'ok  ' : 'FAIL'} tidy: dependency directions, sizes, docs`)
process.exit(failed === 0 ? 0 : 1)
