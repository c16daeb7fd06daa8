import { Command, CommanderError } from 'commander'
import { ExitCode, usage } from './cli-error.ts'
import { addExamples, helpCommand, leaves } from './help.ts'
import { tellError } from './output.ts'

type Register = (program: Command) => void

/** Commands by their first word; each group is loaded when it is asked for, help and completion load all. */
const GROUPS = new Map<string, () => Promise<Register>>([
  ['key', async () => (await import('./commands/key.ts')).keyCommands],
  ['did', async () => (await import('./commands/did.ts')).didCommands],
  ['org', async () => (await import('./commands/org.ts')).orgCommands],
  ['member', async () => (await import('./commands/member.ts')).memberCommands],
  ['role', async () => (await import('./commands/role.ts')).roleCommands],
  ['proposal', async () => (await import('./commands/proposal.ts')).proposalCommands],
  ['vote', async () => (await import('./commands/vote.ts')).voteCommands],
  ['tally', async () => (await import('./commands/tally.ts')).tallyCommands],
  ['audit', async () => (await import('./commands/audit.ts')).auditCommands],
  ['verify', async () => (await import('./commands/audit.ts')).auditCommands],
  ['node', async () => (await import('./commands/node.ts')).nodeCommands],
  ['validator', async () => (await import('./commands/validator.ts')).validatorCommands],
  ['network', async () => (await import('./commands/network.ts')).networkCommands],
  ['completion', async () => (await import('./commands/completion.ts')).completionCommands],
])
/** What is done with a data folder and needs no node: `icn-node` has the same commands, with its exit codes. */
const OF_THE_FOLDER = ['backup', 'restore', 'export', 'import', 'snapshot']
const WITH_VALUE = ['--node', '--home', '--as']

/** The first word that is no option, nor the value of one. */
function firstWord(args: readonly string[]): string | undefined {
  return args.find((arg, index) => !arg.startsWith('-') && !WITH_VALUE.includes(args[index - 1] ?? ''))
}

async function createProgram(args: readonly string[], json: boolean): Promise<Command> {
  const program = new Command('icn')
    .description('Act in cooperatives of the InterCooperative Network, and recount what they decided.')
    .version('0.1.0', '-V, --version', 'print the version')
    .showHelpAfterError('(icn help COMMAND shows examples)')
    .addHelpText('after', `\nOn a data folder, with --home DIR: ${OF_THE_FOLDER.join(', ')} (icn-node help)`)
    .enablePositionalOptions(false)
  withGlobals(program)
  const load = GROUPS.get(firstWord(args) ?? '')
  const isWhole = load === undefined || firstWord(args) === 'completion'
  const registers = new Set(await Promise.all(isWhole ? Array.from(GROUPS.values(), (own) => own()) : [load()]))
  for (const register of registers) register(program)
  helpCommand(program)
  for (const command of [program, ...descendants(program)]) {
    command.exitOverride()
    // A program gets one document, which says the same.
    if (json) command.configureOutput({ writeErr: () => undefined })
  }
  for (const command of leaves(program)) {
    withGlobals(command)
    addExamples(command)
  }
  return program
}

function descendants(command: Command): Command[] {
  return command.commands.flatMap((own) => [own, ...descendants(own)])
}

/** The options of all commands may stand anywhere on the line. */
function withGlobals(command: Command): void {
  if (!command.options.some(({ long }) => long === '--home'))
    command.option('--home <dir>', 'the wallet folder (ICN_WALLET)')
  command
    .option('--json', 'one JSON document on stdout, nothing else')
    .option('--node <url>', 'the node to talk to (ICN_NODE)')
    .option('--as <key>', 'the key with which to act (ICN_AS)')
    .option('--quiet', 'say only the answer')
}

/** What the parser refused; it has told people so already. */
function tellUsage(error: CommanderError, json: boolean): number {
  if (error.exitCode === 0) return ExitCode.DONE
  if (!json) return ExitCode.USAGE
  const isIncomplete = error.code === 'commander.help'
  const message = isIncomplete ? 'The command is not complete.' : error.message.replace(/^error: /, '')
  return tellError(usage(message, 'icn help COMMAND shows what it takes, with examples.'), true)
}

const args = process.argv.slice(2)
const json = args.includes('--json')
// Whoever reads no further, such as head, has what they wanted.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(ExitCode.DONE)
})
try {
  if (OF_THE_FOLDER.includes(args[0] ?? '')) await import('@icn/node/main')
  else {
    const program = await createProgram(args, json)
    await program.parseAsync(args, { from: 'user' })
  }
} catch (error) {
  process.exitCode = error instanceof CommanderError ? tellUsage(error, json) : tellError(error, json)
}
