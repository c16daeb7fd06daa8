import { spawn } from 'node:child_process'
import module from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The first version that runs the sources as they are: TypeScript without flags, SQLite without a warning. */
const LEAST_MAJOR = 26

/**
 * Runs a TypeScript main module on the Node that the lock file pins, whatever Node started this process.
 * Plain JavaScript, because an older Node reads it.
 *
 * @param {URL} main
 */
export async function launch(main) {
  if (Number.parseInt(process.versions.node, 10) >= LEAST_MAJOR) {
    module.enableCompileCache?.()
    await import(main.href)
    return
  }
  const child = spawn(pinnedNode(), [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 70 : 1)))
}

function pinnedNode() {
  const { resolve } = module.createRequire(import.meta.url)
  return join(dirname(resolve('node/package.json')), 'bin', 'node')
}
