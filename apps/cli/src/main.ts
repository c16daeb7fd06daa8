import { Command, CommanderError } from 'commander'
import { ExitCode } from './cli-error.ts'
import { tellError } from './output.ts'

type Register = (program: Command) => void

/** Commands by their first word; each group is loaded when it is asked for, help and completion load all. */
const GROUPS: Readonly<Record<string, () => Promise<Register>>> = {
  key: async () => (await import('./commands/key.ts')).keyCommands,
  did: async () => (await import('./commands/did.ts')).didCommands,
  org: async () => (await import('./commands/org.ts')).orgCommands,
  member: async () => (await import('./commands/member.ts')).memberCommands,
  role: async () => (await import('./commands/role.ts')).roleCommands,
  proposal: async () => (await import('./commands/proposal.ts')).proposalCommands,
  vote: async () => (await import('./commands/vote.ts')).voteCommands,
  tally: async () => (await import('./commands/tally.ts')).tallyCommands,
  audit: async () => (await import('./commands/audit.ts')).auditCommands,
  verify: async () => (await import('./commands/audit.ts')).auditCommands,
  network: async () => (await import('./commands/network.ts')).networkCommands,
  completion: async () => (await import('./commands/completion.ts')).completionCommands,
}

async function createProgram(args: readonly string[]): Promise<Command> {
  const program = new Command('icn')
    .description('Act in cooperatives of the InterCooperative Network, and recount what they decided.')
    .version('0.1.0')
    .option('--json', 'one JSON document on stdout, nothing else')
    .option('--node <url>', 'the node to talk to (ICN_NODE)')
    .option('--home <dir>', 'the wallet folder (ICN_WALLET)')
    .option('--as <key>', 'the key with which to act (ICN_AS)')
    .option('--quiet', 'say only the answer')
    .showHelpAfterError('(icn help COMMAND shows examples)')
    .exitOverride()
    .enablePositionalOptions(false)
  const word = args.find((arg) => arg in GROUPS)
  const isWhole = word === undefined || word === 'completion' || args.includes('help')
  const loads = isWhole ? new Set(Object.values(GROUPS)) : [GROUPS[word] as () => Promise<Register>]
  const registers = new Set(await Promise.all(Array.from(loads, (load) => load())))
  for (const register of registers) register(program)
  for (const command of descendants(program)) withGlobals(command)
  return program
}

function descendants(command: Command): Command[] {
  return command.commands.flatMap((own) => [own, ...descendants(own)])
}

/** The options of all commands may stand anywhere on the line. */
function withGlobals(command: Command): void {
  command.exitOverride()
  if (command.commands.length > 0) return
  command
    .option('--json', 'one JSON document on stdout, nothing else')
    .option('--node <url>', 'the node to talk to (ICN_NODE)')
    .option('--home <dir>', 'the wallet folder (ICN_WALLET)')
    .option('--as <key>', 'the key with which to act (ICN_AS)')
    .option('--quiet', 'say only the answer')
}

const args = process.argv.slice(2)
const json = args.includes('--json')
try {
  const program = await createProgram(args)
  await program.parseAsync(args, { from: 'user' })
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? ExitCode.DONE : ExitCode.USAGE
  else process.exitCode = tellError(error, json)
}
