import {
  AdvisedError,
  ConfigurationError,
  CorruptData,
  DataFolderBusy,
  init,
  initLines,
  join,
  joinLines,
  prepare,
  prepareLines,
} from '@icn/node/setup'
import type { Command } from 'commander'
import { CliError, usage } from '../cli-error.ts'
import { founderOf, outputOf } from '../session.ts'

interface SetupOptions {
  readonly name?: string
  readonly from?: string
  readonly federation?: string
  readonly founder?: string
  readonly validator?: readonly string[]
  readonly prepare?: true
  readonly address?: string
  readonly genesisHash?: string
  readonly sync?: string
  readonly set?: readonly string[]
}

const HOME = 'data folder of the node, made where there is none (ICN_HOME, ./data)'
const UNKNOWN = '(settings of the node are given as --set key=value; icn-node config lists them)'

/** What an operator does once, on the machine of the node; the same as `icn-node init` and `icn-node join`. */
export function networkSetupCommands(network: Command): void {
  network
    .command('init')
    .option('--name <name>', 'name of the network, and of the federation that decides about its validators')
    .option('--founder <did>', 'who founds the federation: did:key:z6Mk…, or that and =NAME; else the person of --as')
    .option('--validator <key...>', 'keys of other operators who begin with it: z6Mk…, or that and =NAME')
    .option(
      '--from <state>',
      'data folder of a node that was alone, whose history the network goes on with; with --name, the state of which a new one is made: a backup, an export or a data folder',
    )
    .option('--federation <org>', 'with --from: the organization that decides about further validators, or none')
    .option('--address <host:port>', 'where other nodes reach this one (cometbft.externalAddress)')
    .option('--set <key=value...>', 'settings to keep, as icn-node config lists them')
    .option(
      '--home <dir>',
      `${HOME}; not with --from alone, which names it. The key of --as is of the wallet, ICN_WALLET`,
    )
    .description('begin a network of several nodes: keys, genesis and settings, in the data folder of the first one')
    .showHelpAfterError(UNKNOWN)
    .action(async (options: SetupOptions, command: Command) => {
      const beginning = await beginningOf(options, command)
      const report = await naming(async () => init([...flagsOf(options, command), ...beginning], process.env))
      outputOf(command).answer(report, initLines(report))
    })
  network
    .command('join')
    .argument('[source]', 'a join file, or the address of a node')
    .option('--prepare', "make the node's keys, to be named by whoever begins the network")
    .option('--genesis-hash <hex>', 'what an operator of the network told; another genesis is refused')
    .option('--from <state>', 'a backup, an export or a data folder with the state of which the network is made')
    .option('--sync <url>', 'begin with a snapshot, which is checked from a block that this node proves')
    .option('--address <host:port>', 'where other nodes reach this one (cometbft.externalAddress)')
    .option('--set <key=value...>', 'settings to keep, as icn-node config lists them')
    .option('--home <dir>', HOME)
    .description("follow a network with a node of one's own")
    .showHelpAfterError(UNKNOWN)
    .action(async (source: string | undefined, options: SetupOptions, command: Command) => {
      if ((source === undefined) !== (options.prepare === true))
        throw usage(
          'Expected a join file or the address of a node, or --prepare.',
          'icn help network join shows examples.',
        )
      if (source === undefined) {
        const keys = await naming(async () => prepare(flagsOf(options, command), process.env))
        return outputOf(command).answer(keys, prepareLines(keys))
      }
      const hash = options.genesisHash === undefined ? [] : [`--genesis-hash=${options.genesisHash}`]
      const sync = options.sync === undefined ? [] : [`--sync=${options.sync}`]
      const from = options.from === undefined ? [] : [`--from=${options.from}`]
      const flags = [...flagsOf(options, command), ...hash, ...sync, ...from]
      const report = await naming(() => join([source, ...flags], process.env))
      return outputOf(command).answer(report, joinLines(report))
    })
}

async function beginningOf(options: SetupOptions, command: Command): Promise<string[]> {
  const { name, from, federation } = options
  if (name === undefined && from === undefined)
    throw usage('Expected --name for a new network, or --from to go on.', 'icn help network init shows examples.')
  if (from !== undefined && options.founder !== undefined)
    throw usage('--founder is for a network that begins with nothing.', 'The state of --from says who decides.')
  const others = (options.validator ?? []).map((key) => `--validator=${key}`)
  if (from === undefined) return [`--name=${name}`, ...(await founderFlag(options, command)), ...others]
  const named = name === undefined ? [] : [`--name=${name}`]
  return [`--from=${from}`, ...named, ...(federation === undefined ? [] : [`--federation=${federation}`]), ...others]
}

/** Who is named neither so nor so gets a key of their own, in the data folder. */
async function founderFlag({ founder }: SetupOptions, command: Command): Promise<string[]> {
  if (founder !== undefined) return [`--founder=${founder}`]
  const person = await founderOf(command)
  return person === undefined ? [] : [`--founder=${person.did}=${person.name}`]
}

function flagsOf({ address, set = [] }: SetupOptions, command: Command): string[] {
  const { home } = command.optsWithGlobals<{ readonly home?: string }>()
  return [
    ...(home === undefined ? [] : [`--home=${home}`]),
    ...(address === undefined ? [] : [`--cometbft-external-address=${address}`]),
    ...set.map(flagOf),
  ]
}

/** `http.port=7421` is the flag `--http-port=7421` of the node. */
function flagOf(given: string): string {
  const [, key, value] = /^([a-zA-Z.0-9]+)=(.*)$/s.exec(given) ?? []
  if (key === undefined) throw usage(`${given} is no setting.`, 'Write key=value, for example --set http.port=7421')
  const name = key.replaceAll('.', '-').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  return `--${name}=${value}`
}

async function naming<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof AdvisedError) throw new CliError(error.code, error.message, error.advice)
    if (error instanceof CorruptData) throw new CliError(error.code, error.check, error.advice)
    if (error instanceof DataFolderBusy) throw new CliError(error.code, error.message, 'Stop that process first.')
    if (error instanceof ConfigurationError) throw usage(error.message, 'icn-node config lists the settings.')
    throw error
  }
}
