import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { COMETBFT_VERSION } from '@icn/consensus/cometbft'

const FOLDER = fileURLToPath(new URL('../../.cache/chaos-clock/', import.meta.url))
const BINARY = join(FOLDER, `cometbft-${COMETBFT_VERSION}`)

/** A CometBFT of the pinned version whose clock `CHAOS_CLOCK` sets; `undefined` where none was built. */
export function clockCometBft(): string | undefined {
  return existsSync(BINARY) ? BINARY : undefined
}

/** libfaketime, which sets the clock of a process that asks the C library; Go asks the kernel. */
export function clockLibrary(): string | undefined {
  const [file] = globSync([
    '/usr/lib/*/faketime/libfaketimeMT.so.1',
    join(FOLDER, 'usr/lib/*/faketime/libfaketimeMT.so.1'),
  ])
  return file
}

/**
 * Builds the one from its source with one line changed, and unpacks the other from its Debian package; installs nothing.
 *
 * @returns why one of them could not be had, in words
 */
export function setUpClocks(): string[] {
  mkdirSync(FOLDER, { recursive: true })
  return [buildCometBft(), unpackLibrary()].filter((trouble) => trouble !== undefined)
}

function buildCometBft(): string | undefined {
  if (clockCometBft() !== undefined) return undefined
  const module = `github.com/cometbft/cometbft@v${COMETBFT_VERSION}`
  const found = spawnSync('go', ['mod', 'download', '-json', module], { cwd: tmpdir(), encoding: 'utf8' })
  if (found.status !== 0) return `go mod download ${module} failed: ${found.error?.message ?? found.stderr}`
  const { Dir: source } = JSON.parse(found.stdout) as { Dir: string }
  const copy = mkdtempSync(join(tmpdir(), 'icn-clock-'))
  try {
    cpSync(source, copy, { recursive: true })
    spawnSync('chmod', ['-R', 'u+w', copy])
    changeClock(join(copy, 'types', 'time'))
    const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-trimpath' }
    const built = spawnSync('go', ['build', '-o', BINARY, './cmd/cometbft'], { cwd: copy, env, encoding: 'utf8' })
    return built.status === 0 ? undefined : `go build failed: ${built.stderr}`
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** All of its consensus asks one function what time it is. */
function changeClock(folder: string): void {
  const file = join(folder, 'time.go')
  const text = readFileSync(file, 'utf8')
  const changed = text.replace('return Canonical(time.Now())', 'return Canonical(time.Now().Add(offset))')
  if (changed === text) throw new Error(`${file} is not what it was`)
  writeFileSync(file, changed)
  const offset = 'var offset, _ = time.ParseDuration(os.Getenv("CHAOS_CLOCK"))'
  writeFileSync(join(folder, 'offset.go'), `package time\n\nimport (\n\t"os"\n\t"time"\n)\n\n${offset}\n`)
}

function unpackLibrary(): string | undefined {
  if (clockLibrary() !== undefined) return undefined
  const fetched = spawnSync('apt-get', ['download', 'libfaketime'], { cwd: FOLDER, encoding: 'utf8' })
  const [file] = globSync('libfaketime_*.deb', { cwd: FOLDER })
  if (fetched.status !== 0 || file === undefined)
    return `apt-get download libfaketime failed: ${fetched.error?.message ?? fetched.stderr}`
  const unpacked = spawnSync('dpkg-deb', ['--extract', file, '.'], { cwd: FOLDER, encoding: 'utf8' })
  rmSync(join(FOLDER, file))
  return unpacked.status === 0 ? undefined : `dpkg-deb failed: ${unpacked.stderr}`
}
