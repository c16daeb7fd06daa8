const WIDTH = 30

/**
 * Shows on stderr how far something is: a bar on a terminal, nothing elsewhere.
 *
 * @returns what is to be told of each step
 */
export function progressBar(what: string): (done: number, total: number) => void {
  let shown = -1
  return (done, total) => {
    const percent = Math.floor((100 * done) / Math.max(total, 1))
    if (!process.stderr.isTTY || percent === shown) return
    shown = percent
    const filled = Math.round((WIDTH * percent) / 100)
    const end = done >= total ? '\n' : ''
    process.stderr.write(`\r${what} [${'#'.repeat(filled)}${' '.repeat(WIDTH - filled)}] ${percent} %${end}`)
  }
}
