import type { MachineOptions } from '@icn/state-machine'
import { ExitCode, explainFailure } from './exit-codes.ts'

const HELP = `icn-node: the node that a cooperative runs

  icn-node start    [--home DIR] [--http-port N] [--dev-clock] …   run the node (what npm start does)
  icn-node init     --name NAME [--founder DID[=NAME]] [--validator KEY[=NAME]] … [--json] …
                                                                  begin a network of several nodes
  icn-node init     --from DIR --federation ORG|none [--json] …   make a network of a node that was alone
  icn-node init     --name NAME --from STATE [--validator KEY[=NAME]] …
                                                                  a new network of the state of one that lost its validators
  icn-node join     --prepare [--home DIR] [--json]               make a node's keys before there is a network
  icn-node join     FILE|URL [--genesis-hash HEX] [--sync URL | --from STATE] …
                                                                  follow a network
  icn-node config   [--json]                                      every setting, its value and where it comes from
  icn-node verify   [--home DIR] [--replay]                        check a data folder that no node has open
  icn-node backup   TARGET [--with-key]                            copy the data folder, also while its node runs
  icn-node restore  BACKUP --home DIR                              make a data folder of a backup
  icn-node export   FILE                                           all state in one file, also while the node runs
  icn-node import   FILE --home DIR [--app-hash HEX] [--key FILE]  make a data folder of such a file
  icn-node snapshot                                                make a snapshot for state sync, and list what is kept
  icn-node version

Settings come from config.toml in the data folder, ICN_… variables and flags, the last of them counts.
Ends with 0 done, 2 configuration, 3 data folder in use, 4 corrupt data, 5 upgrade needed,
69 CometBFT does not run, 70 a bug.`

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
      console[command === undefined || command.endsWith('help') ? 'log' : 'error'](HELP)
      return command === undefined || command.endsWith('help') ? ExitCode.DONE : ExitCode.CONFIGURATION
  }
}
