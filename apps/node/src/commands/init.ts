import { ExitCode } from '../exit-codes.ts'
import { init, initLines } from '../setup.ts'

/** Begins a network of several nodes in an empty data folder. */
export async function initCommand(args: readonly string[]): Promise<ExitCode> {
  const report = await init(
    args.filter((arg) => arg !== '--json'),
    process.env,
  )
  console.log(args.includes('--json') ? JSON.stringify(report) : initLines(report).join('\n'))
  return ExitCode.DONE
}
