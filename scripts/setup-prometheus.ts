/**
 * `npm run setup:promtool`: finds promtool, which checks the alert rules of `ops/` in the tests, or unpacks it from the
 * Debian package `prometheus` into `.cache/prometheus/`, which git ignores. It installs nothing, and needs no rights.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('../.cache/prometheus/', import.meta.url))
/** Longest time for 30 MB; a machine without a way out must not wait for ever. */
const FETCH_MS = 120_000
const UNPACKED = join(FOLDER, 'usr/bin/promtool')

/** The program, or `undefined` where this machine has none yet. */
export function findPromtool(): string | undefined {
  if (existsSync(UNPACKED)) return UNPACKED
  return spawnSync('promtool', ['--version']).status === 0 ? 'promtool' : undefined
}

/** Finds the program or fetches it; what is wrong is said in words. */
export function setUpPromtool():
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly reason: string } {
  const trouble = findPromtool() === undefined ? unpack() : undefined
  const path = findPromtool()
  if (path !== undefined) return { ok: true, path }
  return { ok: false, reason: trouble ?? 'the package prometheus holds no promtool' }
}

/** @returns why it could not be had, or `undefined` when it is there */
function unpack(): string | undefined {
  const hint = 'install the package prometheus of your system'
  if (spawnSync('apt-get', ['--version']).status !== 0) return `there is no apt-get here; ${hint}`
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
  const fetched = spawnSync('apt-get', ['download', 'prometheus'], { cwd: FOLDER, encoding: 'utf8', timeout: FETCH_MS })
  const [file] = globSync('prometheus_*.deb', { cwd: FOLDER })
  if (fetched.status !== 0 || file === undefined)
    return `apt-get download prometheus failed: ${fetched.stderr}; ${hint}`
  const unpacked = spawnSync('dpkg-deb', ['--extract', file, '.'], { cwd: FOLDER, encoding: 'utf8' })
  rmSync(join(FOLDER, file))
  return unpacked.status === 0 ? undefined : `dpkg-deb failed: ${unpacked.stderr}; ${hint}`
}

if (import.meta.main) {
  const setup = setUpPromtool()
  if (setup.ok) console.log(setup.path)
  else console.error(setup.reason)
  process.exitCode = setup.ok ? 0 : 1
}
