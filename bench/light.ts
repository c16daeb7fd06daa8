/** Verifying what proves a block of 100 validators, on node and as a browser does it. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { type BenchResult, result } from './result.ts'

interface Measured {
  readonly blockMs: number
  readonly signaturesMs: number
  readonly bytes: number
}

export async function run(): Promise<readonly BenchResult[]> {
  console.error('light: blocks of 100 validators')
  return [measured('on node', []), measured('in pure JavaScript, as in a browser', ['--pure'])]
}

function measured(where: string, args: readonly string[]): BenchResult {
  const { stdout, status } = spawnSync(process.execPath, [join(import.meta.dirname, 'light', 'measure.ts'), ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`measuring ended with ${status}`)
  const { blockMs, signaturesMs, bytes } = JSON.parse(stdout) as Measured
  const reference = { name: 'its 100 signatures alone, by the strict rule', value: signaturesMs }
  return result(
    `light block ${where}`,
    blockMs,
    'ms',
    `100 validators, ${bytes} bytes, from the genesis; best of 10`,
    reference,
  )
}
