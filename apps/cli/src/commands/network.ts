import type { Command } from 'commander'
import { usage } from '../cli-error.ts'
import { follow } from '../network/follow.ts'
import { renderStatus } from '../network/render.ts'
import { terminalControls, terminalScreen } from '../network/terminal.ts'
import { watchStatus } from '../network/watch.ts'
import { plural } from '../network/words.ts'
import { openSession } from '../session.ts'
import { networkSetupCommands } from './network-setup.ts'

export function networkCommands(program: Command): void {
  const network = program.command('network').description('the network and this node')
  networkSetupCommands(network)
  network
    .command('status')
    .description('whether all is well, and where the network stands')
    .action(async (_: unknown, command: Command) => {
      const { client, out } = openSession(command)
      const facts = await client.call('network', {})
      const status = await client.call('networkStatus', {})
      const { color, size } = terminalScreen()
      const counts = [
        plural(facts.organizations, 'organization'),
        plural(facts.members, 'member'),
        plural(facts.proposals, 'proposal'),
      ]
      const held = counts.join(', ')
      const lines = renderStatus(status, { width: size().width, height: Number.MAX_SAFE_INTEGER, color })
      const from = facts.origin
      const origin = from === undefined ? [] : [`made of    ${from.network} after block ${from.height}`]
      out.answer({ ...facts, status }, [...lines, '', `holds      ${held}`, ...origin])
    })
  network
    .command('watch')
    .description('the same, drawn again and again until q or Ctrl-C; a line at a time where there is no terminal')
    .action(async (_: unknown, command: Command) => {
      const { client, json } = openSession(command)
      const { release, ...controls } = terminalControls()
      try {
        await watchStatus({ screen: terminalScreen(), json, read: () => client.call('networkStatus', {}), ...controls })
      } finally {
        release()
      }
    })
  network
    .command('events')
    .option('--topic <topic>', 'only this topic: vote, or vote.cast')
    .option('--org <org>', 'only of one organization, by DID or name')
    .option('--lane <number>', 'only of one lane: 0 core, 1 marketplace, 2 storage', wholeNumber)
    .option('--since <id>', 'after this event; 0-0 shows all from the beginning')
    .description('what happens on the ledger, as it happens, until Ctrl-C; with --json one document a line')
    .action(async ({ topic, org, lane, since }: EventOptions, command: Command) => {
      const session = openSession(command)
      const { client, out } = session
      const filter = {
        ...(topic === undefined ? {} : { topic }),
        ...(org === undefined ? {} : { org: await session.findOrg(org) }),
        ...(lane === undefined ? {} : { lane }),
        ...(since === undefined ? {} : { lastEventId: since }),
      }
      for await (const event of client.events(filter))
        out.answer(event, `${event.time} ${event.topic} ${event.subject} ${JSON.stringify(event.data)}`)
    })
  network
    .command('follow')
    .requiredOption('--lane <number>', '0 core, 1 marketplace, 2 storage', wholeNumber)
    .option(
      '--since <height>',
      'from this block on; else where it was, and at first from the next block on',
      wholeNumber,
    )
    .option('--genesis-hash <hash>', 'the network that is meant')
    .option('--org <org>', 'with what its members read, as the member of --as')
    .description('the events of one lane, each proved, until Ctrl-C; a node that lies ends it')
    .action(async ({ lane, since, genesisHash, org }: FollowOptions, command: Command) => {
      const ending = new AbortController()
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => ending.abort())
      await follow(openSession(command), { lane, since, genesisHash, org, signal: ending.signal })
    })
}

interface EventOptions {
  readonly topic?: string
  readonly org?: string
  readonly lane?: number
  readonly since?: string
}

interface FollowOptions {
  readonly lane: number
  readonly since?: number
  readonly genesisHash?: string
  readonly org?: string
}

function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw usage(`${text} is no number.`, 'A lane is 0, 1 or 2; a height counts from 1.')
}
