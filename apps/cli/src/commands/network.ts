import type { Command } from 'commander'
import { openSession } from '../session.ts'

export function networkCommands(program: Command): void {
  const network = program.command('network').description('the network and this node')
  network
    .command('status')
    .description('where the network stands')
    .action(async (_: unknown, command: Command) => {
      const { client, out } = openSession(command)
      const facts = await client.call('network', {})
      out.answer(facts, [
        `${facts.name} (${facts.network}), ${facts.consensus}, version ${facts.version}`,
        `height     ${facts.height} at ${facts.time}`,
        `state      ${facts.appHash}`,
        `holds      ${facts.organizations} organizations, ${facts.members} members, ${facts.proposals} proposals`,
        `waiting    ${facts.waiting} transactions`,
        ...facts.validators.map(({ name, publicKey, power }) => `validator  ${name} ${publicKey} (${power})`),
      ])
    })
  network
    .command('watch')
    .option('--topic <topic>', 'only this topic: vote, or vote.cast')
    .option('--org <org>', 'only of one organization, by DID or name')
    .option('--since <id>', 'after this event; 0-0 shows all from the beginning')
    .description('what happens, as it happens, until Ctrl-C; with --json one document a line')
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
