import { ExitCode } from '../exit-codes.ts'
import { join, joinLines, prepare, prepareLines } from '../setup.ts'

/** Sets an empty data folder up to follow a network; with `--prepare`, makes its keys before there is one. */
export async function joinCommand(args: readonly string[]): Promise<ExitCode> {
  const given = args.filter((arg) => arg !== '--json' && arg !== '--prepare')
  if (args.includes('--prepare')) {
    const keys = prepare(given, process.env)
    print(args, keys, prepareLines(keys))
    return ExitCode.DONE
  }
  const report = await join(given, process.env)
  print(args, report, joinLines(report))
  return ExitCode.DONE
}

function print(args: readonly string[], report: object, lines: readonly string[]): void {
  console.log(args.includes('--json') ? JSON.stringify(report) : lines.join('\n'))
}
