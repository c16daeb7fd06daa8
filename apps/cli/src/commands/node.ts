import type { Bodies, NodeRole } from '@icn/protocol'
import type { Actor } from '@icn/sdk'
import { type Command, Option } from 'commander'
import { allOf } from '../pages.ts'
import { parseCount, parseDuration } from '../parse.ts'
import { openSession, type Session } from '../session.ts'

const ROLES = ['validator', 'storage', 'observer'] as const satisfies readonly NodeRole[]
const ORG = ['--org <org>', 'the organization that runs it, by DID or name'] as const

interface AboutOptions {
  readonly name?: string
  readonly role?: NodeRole[]
  readonly http?: string[]
  readonly p2p?: string[]
  readonly region?: string
  readonly capacity?: number
}

export function nodeCommands(program: Command): void {
  const node = program.command('node').description('nodes of the network, and who runs them')
  about(node.command('register').requiredOption(...ORG))
    .requiredOption('--key <public key>', 'of the node: publicKey in its validator-key.json')
    .option('--node-version <version>', 'that it runs', '0.1.0')
    .description('register a node; its first heartbeat makes it one')
    .action(async (options: AboutOptions & { org: string; key: string; nodeVersion: string }, command: Command) => {
      const session = openSession(command)
      const org = await session.findOrg(options.org)
      const none = {
        moniker: 'node',
        roles: ['observer'] as NodeRole[],
        http: [],
        p2p: [],
        region: '',
        capacityBytes: 0,
      }
      const said = aboutOf(options, none)
      const body = {
        kind: 'node.register',
        org,
        publicKey: options.key,
        ...said,
        version: options.nodeVersion,
      } as const
      const receipt = await (await session.actorIn(org)).act(body)
      const id = String(receipt.result.node)
      session.out.answer({ ...receipt, node: id }, [
        `Node ${id} is registered, and becomes one with its first heartbeat, within a week.`,
        `Start it with: icn-node start --node-id ${id}`,
      ])
    })
  about(node.command('update').argument('<node>', 'its id'))
    .description('change what is said of a node; what is not given stays')
    .action(async (id: string, options: AboutOptions, command: Command) => {
      const session = openSession(command)
      const facts = await session.client.call('node', { params: { id } })
      const { moniker, roles, http, p2p, region, capacityBytes } = facts
      const said = aboutOf(options, { moniker, roles, http, p2p, region, capacityBytes })
      await act(session, id, { kind: 'node.update', node: id, ...said }, `${said.moniker} is changed.`)
    })
  node
    .command('list')
    .option('--org <org>', 'only of one organization')
    .option('--all', 'retired ones too')
    .description('nodes of the network')
    .action(async (options: { org?: string; all?: boolean }, command: Command) => {
      const session = openSession(command)
      const query = options.org === undefined ? {} : { org: await session.findOrg(options.org) }
      const every = await allOf(session.client, 'nodes', { query })
      const items = every.filter(({ status }) => options.all === true || status !== 'retired')
      session.out.answer(
        { items },
        items.length === 0
          ? 'None yet. Register one: icn node register --org ORG --key z6Mk… --as NAME'
          : items.map(
              ({ id, moniker, status, roles, version, height, heartbeat }) =>
                `${id}\t${moniker}\t${status}\t${roles.join(',')}\t${version}\tblock ${height}\t${heartbeat ?? 'never heard'}`,
            ),
      )
    })
  for (const [verb, kind, said, done] of [
    ['drain', 'node.drain', 'place nothing new on a node', 'Nothing new is placed on it.'],
    ['resume', 'node.resume', 'end draining or maintenance', 'It is back.'],
    ['retire', 'node.retire', 'end a node for good', 'It is retired.'],
  ] as const) {
    node
      .command(verb)
      .argument('<node>', 'its id')
      .description(said)
      .action((id: string, _: unknown, command: Command) => act(openSession(command), id, { kind, node: id }, done))
  }
  node
    .command('maintenance')
    .argument('<node>', 'its id')
    .requiredOption('--for <time>', 'how long it is away: 2h', parseDuration)
    .description('announce that a node is away; it comes back by itself')
    .action(async (id: string, options: { for: number }, command: Command) => {
      const session = openSession(command)
      const { time } = await session.client.call('network', {})
      const untilTimeMs = Math.max(Date.parse(time), Date.now()) + options.for
      const done = `Away until ${new Date(untilTimeMs).toISOString()}.`
      await act(session, id, { kind: 'node.maintenance', node: id, untilTimeMs }, done)
    })
}

function about(command: Command): Command {
  return command
    .option('--name <name>', 'what people call it')
    .addOption(new Option('--role <role...>', 'what it is for').choices(ROLES))
    .option('--http <url...>', 'where clients reach it')
    .option('--p2p <address...>', 'where peers reach it: host:26656')
    .option('--region <region>', 'where it stands')
    .option('--capacity <bytes>', 'room for files of others', parseCount)
}

type About = Pick<Bodies['node.update'], 'moniker' | 'roles' | 'http' | 'p2p' | 'region' | 'capacityBytes'>

function aboutOf({ name, role, http, p2p, region, capacity }: AboutOptions, before: About): About {
  return {
    moniker: name ?? before.moniker,
    roles: role ?? before.roles,
    http: http ?? before.http,
    p2p: p2p ?? before.p2p,
    region: region ?? before.region,
    capacityBytes: capacity ?? before.capacityBytes,
  }
}

/** Acts in the organization that runs the node. */
async function act(session: Session, id: string, body: Parameters<Actor['act']>[0], done: string): Promise<void> {
  const { org } = await session.client.call('node', { params: { id } })
  session.out.answer(await (await session.actorIn(org)).act(body), done)
}
