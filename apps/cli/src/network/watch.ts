import { type Frame, renderLine, renderStatus } from './render.ts'
import type { NetworkStatus } from './words.ts'

/** What `network watch` draws on: a terminal, or anything that takes text. */
export interface Screen {
  readonly isTerminal: boolean
  readonly color: boolean
  size(): { readonly width: number; readonly height: number }
  write(text: string): void
}

export interface WatchOptions {
  readonly screen: Screen
  readonly read: () => Promise<NetworkStatus>
  readonly json: boolean
  /** Ends the watching. */
  readonly signal: AbortSignal
  /** Waits; resolves early when the watching ends, or when the screen changes its size. */
  readonly pause: (ms: number) => Promise<void>
}

const REDRAW_MS = 2_000
/** A line for a log is not needed as often as a picture. */
const LINE_MS = 10_000
/** Alternative screen without a cursor; the other way round at the end. */
const ENTER = '\u001b[?1049h\u001b[?25l'
const LEAVE = '\u001b[?25h\u001b[?1049l'
const HOME = '\u001b[H'
const REST_OF_LINE = '\u001b[K'
const REST_OF_SCREEN = '\u001b[J'

/**
 * Shows the status again and again until `signal`. The first one must come; after that, a node that does not answer is
 * shown as such, with what was known last.
 */
export async function watchStatus(options: WatchOptions): Promise<void> {
  const { screen, json, signal, read, pause } = options
  const isPicture = screen.isTerminal && !json
  let status = await read()
  let trouble: string | undefined
  if (isPicture) screen.write(ENTER)
  try {
    while (!signal.aborted) {
      if (isPicture) screen.write(picture(status, screen, trouble))
      else if (trouble !== undefined) screen.write(json ? `${JSON.stringify({ trouble })}\n` : `${trouble}\n`)
      else screen.write(`${json ? JSON.stringify(status) : renderLine(status)}\n`)
      await pause(isPicture ? REDRAW_MS : LINE_MS)
      if (signal.aborted) break
      trouble = undefined
      status = await read().catch((error: unknown) => {
        trouble = `${(error as Error).message}; this is the last answer, of ${status.time.slice(11, 19)} UTC. Trying again.`
        return status
      })
    }
  } finally {
    if (isPicture) screen.write(LEAVE)
  }
}

/** Lines are written over the old ones, so that nothing flickers. */
function picture(status: NetworkStatus, screen: Screen, trouble: string | undefined): string {
  const { width, height } = screen.size()
  const frame: Frame = {
    width,
    height,
    color: screen.color,
    footer: trouble ?? 'q ends; icn network events shows what happens',
  }
  const lines = renderStatus(status, frame).map((line) => line + REST_OF_LINE)
  return HOME + lines.join('\r\n') + REST_OF_SCREEN
}
