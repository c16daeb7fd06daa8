import type { Screen } from './watch.ts'

/** The terminal that this process writes to; 80 × 24 where it does not say its size. */
export function terminalScreen(): Screen {
  const { stdout } = process
  const isTerminal = stdout.isTTY === true
  return {
    isTerminal,
    // Knows NO_COLOR.
    color: isTerminal && stdout.hasColors(),
    size: () => ({ width: stdout.columns || 80, height: stdout.rows || 24 }),
    write: (text) => void stdout.write(text),
  }
}

/** q, Escape, Ctrl-C, Ctrl-D: in raw mode the terminal makes no signal of them. */
const ENDING = ['q', 'Q', '\u001b', '\u0003', '\u0004']

/** Ends with q, Escape, Ctrl-C or a signal; a pause is cut short when the window changes its size. */
export function terminalControls(): {
  readonly signal: AbortSignal
  readonly pause: (ms: number) => Promise<void>
  readonly release: () => void
} {
  const { stdin, stdout } = process
  const ending = new AbortController()
  const end = () => ending.abort()
  const onKeys = (keys: Buffer) => {
    if (ENDING.includes(keys.toString('latin1'))) end()
  }
  const reads = stdin.isTTY === true && stdout.isTTY === true
  if (reads) {
    stdin.setRawMode(true)
    stdin.on('data', onKeys)
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, end)

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timeout)
        stdout.off('resize', done)
        ending.signal.removeEventListener('abort', done)
        resolve()
      }
      const timeout = setTimeout(done, ms)
      stdout.on('resize', done)
      ending.signal.addEventListener('abort', done)
    })
  }

  function release(): void {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(name, end)
    if (!reads) return
    stdin.off('data', onKeys)
    stdin.setRawMode(false)
    stdin.pause()
  }

  return { signal: ending.signal, pause, release }
}
