import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The interpreter with everything that vectors/python needs, or why this machine cannot have it. */
export type PythonEnvironment = { readonly python: string } | { readonly skip: string }

const CACHE = join(import.meta.dirname, '..', '.cache')
const REQUIREMENTS = join(import.meta.dirname, 'python', 'requirements.txt')

/** Path of the program itself: `[python, ICN_PY, 'check-vectors']`. */
export const ICN_PY: string = join(import.meta.dirname, 'python', 'icn.py')

/**
 * Makes a virtual environment in `.cache` from the pinned requirements, or takes the one that is there.
 * The first time it takes about 10 s and needs the package index.
 */
export function preparePython(): PythonEnvironment {
  const wanted = readFileSync(REQUIREMENTS, 'utf8')
  // Named after its requirements, so that it is never replaced while another process uses it.
  const folder = join(CACHE, `python-${createHash('sha256').update(wanted).digest('hex').slice(0, 8)}`)
  if (isInstalled(folder)) return { python: interpreterOf(folder) }
  // Built aside and moved into place whole, so that two test processes do not meet half an environment.
  const draft = `${folder}-${process.pid}`
  mkdirSync(CACHE, { recursive: true })
  try {
    const failure = build(draft)
    if (failure !== undefined) return { skip: failure }
    writeFileSync(join(draft, 'complete'), '')
    moveInto(folder, draft)
    return { python: interpreterOf(folder) }
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

function isInstalled(folder: string): boolean {
  return existsSync(join(folder, 'complete')) && existsSync(interpreterOf(folder))
}

function moveInto(folder: string, draft: string): void {
  try {
    renameSync(draft, folder)
  } catch (error) {
    if (!isInstalled(folder)) throw error
  }
}

function interpreterOf(folder: string): string {
  return process.platform === 'win32' ? join(folder, 'Scripts', 'python.exe') : join(folder, 'bin', 'python')
}

function build(folder: string): string | undefined {
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', REQUIREMENTS]
  return (
    run('python3 3.9 or later is not installed', 'python3', [
      '-c',
      'import sys; sys.exit(sys.version_info < (3, 9))',
    ]) ??
    run('python3 has no venv with pip (Debian: apt install python3-venv)', 'python3', ['-m', 'venv', folder]) ??
    run('pip cannot install cbor2 and PyNaCl (no package index?)', interpreterOf(folder), pip)
  )
}

function run(whenItFails: string, command: string, args: readonly string[]): string | undefined {
  const { status, error, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 120_000 })
  if (status === 0) return undefined
  const detail = error?.message ?? (stderr ?? '').trim().split('\n').at(-1) ?? ''
  return detail === '' ? whenItFails : `${whenItFails}: ${detail}`
}
