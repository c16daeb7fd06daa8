import { ConfigurationError, loadConfiguration } from './config/load.ts'
import { beginFromState } from './home/begin-from-state.ts'
import { continueNetwork } from './home/continue-network.ts'
import { readValidators } from './home/first-validators.ts'
import { readFounder } from './home/founder.ts'
import { type InitReport, initNetwork } from './home/init-network.ts'
import { type JoinReport, joinNetwork } from './home/join-network.ts'
import { type PreparedKeys, prepareKeys } from './home/prepare-keys.ts'

export { CorruptData, DataFolderBusy } from '@icn/state-store'
export { AdvisedError } from './advised-error.ts'
export { ConfigurationError } from './config/load.ts'
export { type Founder, keepFounderKey } from './home/founder.ts'
export { type InitReport, initNetwork } from './home/init-network.ts'
export { type JoinReport, joinNetwork } from './home/join-network.ts'
export { makeKeys, makeNetworkFolder, type NetworkFolder } from './home/network-folder.ts'
export { newGenesis } from './home/new-genesis.ts'
export { type PreparedKeys, prepareKeys } from './home/prepare-keys.ts'
export { type SetupCode, SetupError } from './setup-error.ts'

/**
 * `icn-node init` and `icn network init`: begins a network of several nodes, makes one of a node that was alone, or a new one of the state of another.
 *
 * @param args - `--name`, `--founder DID[=NAME]` and `--validator KEY[=NAME]` for each other one; or `--from` and the data folder of that node with `--federation ORG`; or
 *   `--name` and `--from` with a backup, an archive or a data folder, and `--validator`s; and settings as flags, which are kept in config.toml
 */
export async function init(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<InitReport> {
  const { rest: afresh, value: from } = takeOption(args, '--from')
  if (from !== undefined) {
    const { rest: settings, value: federation } = takeOption(afresh, '--federation')
    const { rest: own, value: name } = takeOption(settings, '--name')
    if (name !== undefined) return ofState(own, { from, federation, name }, environment)
    return continueNetwork(loadConfiguration(onlyFrom(settings, from), environment), federation, Date.now())
  }
  const { rest: unfounded, value: founder } = takeOption(afresh, '--founder')
  const { rest: others, values: validators } = takeOptions(unfounded, '--validator')
  const { rest, value } = takeOption(others, '--name')
  const name = value === undefined ? [] : ['--network-name', value]
  const named = founder === undefined ? undefined : readFounder(founder)
  return initNetwork(loadConfiguration([...rest, ...name], environment), named, readValidators(validators), Date.now())
}

function ofState(
  args: readonly string[],
  { name, ...options }: { readonly name: string; readonly from: string; readonly federation: string | undefined },
  environment: NodeJS.ProcessEnv,
): Promise<InitReport> {
  const { rest, values } = takeOptions(args, '--validator')
  const configuration = loadConfiguration([...rest, '--network-name', name], environment)
  return beginFromState(configuration, { ...options, others: readValidators(values), nowMs: Date.now() })
}

function onlyFrom(args: readonly string[], from: string): string[] {
  const stray = args.find((arg) => /^--(?:home|validator)(?:=|$)/.test(arg))
  if (stray === undefined) return [...args, `--home=${from}`]
  throw new ConfigurationError(
    `${stray}: --from names the data folder, and the network keeps its validator; a new one of its state takes --name`,
  )
}

/**
 * `icn-node join` and `icn network join`: sets a folder up to follow a network.
 *
 * @param args - a join file or the address of a node, then `--genesis-hash`, `--sync NODE` or `--from STATE`, and settings as flags
 */
export async function join(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<JoinReport> {
  const [source, ...flags] = args
  if (source === undefined || source.startsWith('-'))
    throw new ConfigurationError('expected a join file or the address of a node: icn-node join SOURCE')
  const { rest, value: expectedHash } = takeOption(flags, '--genesis-hash')
  const { rest: others, value: syncFrom } = takeOption(rest, '--sync')
  const { rest: settings, value: stateFrom } = takeOption(others, '--from')
  const options = { expectedHash, syncFrom, stateFrom, nowMs: Date.now() }
  return joinNetwork(loadConfiguration(settings, environment), source, options)
}

/** `icn-node join --prepare`: makes the keys of a node that is to be one of the first validators. @param args - settings as flags */
export function prepare(args: readonly string[], environment: NodeJS.ProcessEnv): PreparedKeys {
  return prepareKeys(loadConfiguration(args, environment).home)
}

export function prepareLines({ home, publicKey, nodeId }: PreparedKeys): string[] {
  return [
    `key        ${publicKey}: tell it whoever begins the network (icn network init --validator ${publicKey}=NAME)`,
    `node       ${nodeId}`,
    `next       icn network join FILE|URL --home ${home}, when the network has begun`,
  ]
}

export function initLines(report: InitReport): string[] {
  return [
    `network    ${report.network} "${report.name}", begun in ${report.home}`,
    ...(report.continuesHeight === 0 ? [] : [`continues  block ${report.continuesHeight}; others join with --sync`]),
    ...(report.origin === null ? [] : originLines(report.origin)),
    `validator  ${report.publicKey}`,
    ...(report.validators === 1
      ? []
      : [`others     ${report.validators - 1}: blocks come when more than two thirds of all are up`]),
    ...whoDecides(report),
    ...(report.founderKey === null ? [] : [founderLine(report.founderKey)]),
    `genesis    ${report.genesisHash}`,
    `peer       ${report.peer}`,
    `hand out   ${report.joinFile}, valid until ${report.expires}; tell the genesis hash over another way`,
    ...(report.peer.includes('@:') ? ['set        cometbft.externalAddress, so that others can reach this node'] : []),
    `next       npm start -- --home ${report.home}`,
  ]
}

function originLines({ network, height, appHash }: NonNullable<InitReport['origin']>): string[] {
  return [
    `made of    ${network} after block ${height}; others join with --from and their own backup or export of it`,
    `state      ${appHash}`,
  ]
}

function whoDecides({ founder, federation, continuesHeight, origin }: InitReport): string[] {
  if (federation !== null) return [`decides    ${federation}, about validators and the rules of the network`]
  if (continuesHeight > 0) return ['decides    nobody: the validator stays the only one']
  if (origin !== null) return ['decides    nobody: the validators stay as they are']
  return [`founder    ${founder} decides about validators at first, and invites the other members of the federation`]
}

function founderLine(file: string): string {
  return `take       icn key import NAME --secret ${file}, then remove that file: whoever has it is the founder`
}

export function joinLines(report: JoinReport): string[] {
  return [
    `network    ${report.network} "${report.name}", joined in ${report.home}`,
    `genesis    ${report.genesisHash}; compare it with an operator whom you trust`,
    `peers      ${report.peers.join(', ')}`,
    `node       ${report.nodeId}`,
    ...(report.trustedHeight === 0
      ? []
      : [`begins     with a snapshot, checked from block ${report.trustedHeight} on`]),
    ...(report.stateHeight === 0
      ? []
      : [
          `state      after block ${report.stateHeight} of the network that this one is made of, equal to what the genesis names`,
        ]),
    `key        ${report.publicKey}: ${report.isValidator ? 'the genesis names this node as a validator' : 'this node follows as an observer until members admit it as a validator'}`,
    `next       npm start -- --home ${report.home}`,
  ]
}

/** One that may be given several times. */
function takeOptions(args: readonly string[], name: string): { rest: string[]; values: string[] } {
  const { rest, value } = takeOption(args, name)
  if (value === undefined) return { rest, values: [] }
  const further = takeOptions(rest, name)
  return { rest: further.rest, values: [value, ...further.values] }
}

function takeOption(args: readonly string[], name: string): { rest: string[]; value: string | undefined } {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`))
  const given = args[at]
  if (given === undefined) return { rest: [...args], value: undefined }
  if (given !== name) return { rest: args.toSpliced(at, 1), value: given.slice(name.length + 1) }
  return { rest: args.toSpliced(at, 2), value: args[at + 1] }
}
