import { ExitCode } from '../exit-codes.ts'
import { init, initLines } from '../setup.ts'

/** Begins a network of several nodes in an empty data folder. */
export function initCommand(args: readonly string[]): ExitCode {
  const report = init(
    args.filter((arg) => arg !== '--json'),
    process.env,
  )
  console.log(args.includes('--json') ? JSON.stringify(report) : initLines(report).join('\n'))
  return ExitCode.DONE
}
