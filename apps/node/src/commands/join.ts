import { ExitCode } from '../exit-codes.ts'
import { join, joinLines } from '../setup.ts'

/** Sets an empty data folder up to follow a network. */
export async function joinCommand(args: readonly string[]): Promise<ExitCode> {
  const report = await join(
    args.filter((arg) => arg !== '--json'),
    process.env,
  )
  console.log(args.includes('--json') ? JSON.stringify(report) : joinLines(report).join('\n'))
  return ExitCode.DONE
}
