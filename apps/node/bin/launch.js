import { spawn } from 'node:child_process'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The first version that runs the sources as they are: TypeScript without flags, SQLite without a warning. */
const LEAST_MAJOR = 26

/**
 * V8 collects when its heap has grown by so much since it last did. PERF: half as much, and 4 MB for new values instead of
 * the 16 that V8 takes by itself, would save another 70 MB with a million members, for a fifth more processor time a vote
 * (docs/network-speed.md).
 */
const RUNTIME = ['--max-semi-space-size=16', '--heap-growing-percent=70']

/**
 * For the memory outside of V8: threads share one arena, since what each keeps for itself comes back late; what is free at its end
 * goes back, and so does a piece of 256 KiB as soon as nobody needs it.
 *
 * @see mallopt(3)
 */
const ALLOCATOR = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '1048576', MALLOC_MMAP_THRESHOLD_: '262144' }

/**
 * Runs a TypeScript main module on the Node that the lock file pins, whatever Node started this process.
 * Plain JavaScript, because an older Node reads it.
 *
 * @param {URL} main
 * @param {{ runsLong?: boolean }} options - `runsLong`: the process stays, so it shall be sparing with memory
 */
export async function launch(main, { runsLong = false } = {}) {
  const shallSpare = runsLong && !isSparing()
  if (Number.parseInt(process.versions.node, 10) >= LEAST_MAJOR) {
    if (shallSpare) startAnew()
    module.enableCompileCache?.()
    await import(main.href)
    return
  }
  const runtime = shallSpare ? RUNTIME : []
  const env = shallSpare ? { ...process.env, ...ALLOCATOR } : process.env
  const child = spawn(pinnedNode(), [...runtime, fileURLToPath(main), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env,
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 70 : 1)))
}

/** Whoever sets any of it knows why. */
function isSparing() {
  const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ')
  return options.includes('semi-space-size') || Object.keys(ALLOCATOR).some((name) => name in process.env)
}

/** The process stays the same one; both kinds of settings are read only when it begins. Where that cannot be, it goes on as it is. */
function startAnew() {
  const args = [process.execPath, ...process.execArgv, ...RUNTIME, ...process.argv.slice(1)]
  try {
    process.execve?.(process.execPath, args, { ...process.env, ...ALLOCATOR })
  } catch {
    // Windows, for example: more memory, no other difference.
  }
}

function pinnedNode() {
  const { resolve } = module.createRequire(import.meta.url)
  return join(dirname(resolve('node/package.json')), 'bin', 'node')
}
