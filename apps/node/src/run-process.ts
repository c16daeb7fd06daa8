import type { MachineOptions } from '@icn/state-machine'
import { ExitCode, explainFailure } from './exit-codes.ts'
import { commandHelp, HELP } from './help.ts'

/** The versions of the rules that a program knows beside the first one. Default: those of this one. */
export type RulesOption = Pick<MachineOptions, 'revisions'>

/**
 * The whole of `icn-node`, for the process that it is alone in: sets the exit code, or ends the process with it.
 *
 * @param argv - command and flags
 */
export async function runProcess(argv: readonly string[], rules: RulesOption = {}): Promise<void> {
  try {
    const [command, ...args] = argv
    process.exitCode = await run(command, args, rules)
  } catch (error) {
    const { code, text } = explainFailure(error)
    console.error(text)
    process.exit(code)
  }
}

async function run(command: string | undefined, args: readonly string[], rules: RulesOption): Promise<ExitCode> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(commandHelp(command))
    return ExitCode.DONE
  }
  switch (command) {
    case 'start':
      return (await import('./commands/start.ts')).start(args, rules)
    case 'init':
      return (await import('./commands/init.ts')).initCommand(args)
    case 'join':
      return (await import('./commands/join.ts')).joinCommand(args)
    case 'config':
      return (await import('./commands/config.ts')).config(args)
    case 'verify':
      return (await import('./commands/verify.ts')).verify(args, rules)
    case 'backup':
      return (await import('./commands/backup.ts')).backup(args)
    case 'restore':
      return (await import('./commands/restore.ts')).restore(args)
    case 'export':
      return (await import('./commands/export.ts')).exportState(args)
    case 'import':
      return (await import('./commands/import.ts')).importState(args)
    case 'snapshot':
      return (await import('./commands/snapshot.ts')).snapshot(args)
    case 'version':
    case '--version':
      console.log((await import('../package.json', { with: { type: 'json' } })).default.version)
      return ExitCode.DONE
    default:
      console[isAsked(command) ? 'log' : 'error'](HELP)
      return isAsked(command) ? ExitCode.DONE : ExitCode.CONFIGURATION
  }
}

function isAsked(command: string | undefined): boolean {
  return command === undefined || command === '-h' || command.endsWith('help')
}
