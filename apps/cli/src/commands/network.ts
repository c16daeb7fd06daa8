import type { Command } from 'commander'
import { renderStatus } from '../network/render.ts'
import { terminalControls, terminalScreen } from '../network/terminal.ts'
import { watchStatus } from '../network/watch.ts'
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
      const held = `${facts.organizations} organizations, ${facts.members} members, ${facts.proposals} proposals`
      const lines = renderStatus(status, { width: size().width, height: Number.MAX_SAFE_INTEGER, color })
      out.answer({ ...facts, status }, [...lines, `holds      ${held}`])
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
    .option('--since <id>', 'after this event; 0-0 shows all from the beginning')
    .description('what happens on the ledger, as it happens, until Ctrl-C; with --json one document a line')
    .action(async ({ topic, org, since }: { topic?: string; org?: string; since?: string }, command: Command) => {
      const session = openSession(command)
      const { client, out } = session
      const filter = {
        ...(topic === undefined ? {} : { topic }),
        ...(org === undefined ? {} : { org: await session.findOrg(org) }),
        ...(since === undefined ? {} : { lastEventId: since }),
      }
      for await (const event of client.events(filter))
        out.answer(event, `${event.time} ${event.topic} ${event.subject} ${JSON.stringify(event.data)}`)
    })
}
