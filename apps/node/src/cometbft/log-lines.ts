import type { Logger } from 'pino'

/** Where the lines of CometBFT go, and the last of them for whoever asks why it ended. */
export interface LogLines {
  take(line: string): void
  readonly last: () => readonly string[]
}

/** Enough for a panic with the frames that matter. */
const KEPT = 20
const LONGEST = 2_000

/**
 * CometBFT tells each step of each block as `info`, and calls a peer that went away an `error`: each is one level less to
 * the operator of a node. What ends it comes as the error of the pair.
 */
const LEVELS = { debug: 'trace', info: 'debug', error: 'warn' } as const

/** Takes JSON lines as CometBFT writes them; anything else, such as a panic, counts as an error of its own. */
export function createLogLines(logger: Logger): LogLines {
  const last: string[] = []
  let isPanic = false
  const own = logger.child({ part: 'cometbft' })

  function take(line: string): void {
    if (line.trim() === '') return
    const text = line.slice(0, LONGEST)
    keep(text)
    const { _msg: message, level, ts: _, ...fields } = parse(text)
    if (message === undefined) own.error(text)
    else own[LEVELS[level as keyof typeof LEVELS] ?? 'debug'](fields, String(message))
  }

  /** Of a panic the first lines say what is wrong, and the frames after them only where. */
  function keep(text: string): void {
    if (text.startsWith('panic:')) {
      isPanic = true
      last.length = 0
    }
    if (isPanic && last.length === KEPT) return
    if (last.push(text) > KEPT) last.shift()
  }

  return { take, last: () => last }
}

function parse(line: string): Record<string, unknown> {
  if (!line.startsWith('{')) return {}
  try {
    return JSON.parse(line)
  } catch {
    return {}
  }
}
