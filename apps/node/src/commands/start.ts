import { pino } from 'pino'
import { loadConfiguration } from '../config/load.ts'
import { ExitCode } from '../exit-codes.ts'
import { startNode } from '../node.ts'
import { checkRestored } from '../restored.ts'
import type { RulesOption } from '../run-process.ts'

/** Longest time to close after a signal; whatever was acknowledged is on the disk long before. */
const CLOSE_MS = 5_000

/** Runs a node until a signal ends it. One line on stdout when it serves; its log is on stderr. */
export async function start(args: readonly string[], rules: RulesOption): Promise<ExitCode> {
  const configuration = loadConfiguration(args, process.env)
  const logger = pino({ level: configuration.values['log.level'] }, pino.destination({ dest: 2, sync: true }))
  const signalled = nextSignal()
  const isReplicated = configuration.values['consensus.engine'] === 'cometbft'
  checkRestored(configuration.home, configuration.acceptRestored, isReplicated)
  const stopping = new AbortController()
  void signalled.then(() => stopping.abort())
  const node = await startNode(configuration, logger, { ...rules, stopping: stopping.signal })
  if (!stopping.signal.aborted) console.log(`ready ${node.address} network=${node.network} height=${node.height}`)
  try {
    await Promise.race([signalled, node.halted])
  } finally {
    setTimeout(() => process.exit(ExitCode.BUG), CLOSE_MS).unref()
    await node.close()
  }
  return ExitCode.DONE
}

function nextSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })
}
