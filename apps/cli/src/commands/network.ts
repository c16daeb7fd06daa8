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
    .option('--topic <topic>', 'only this topic')
    .description('what happens, as it happens')
    .action(async ({ topic }: { topic?: string }, command: Command) => {
      const { client, out } = openSession(command)
      for await (const event of client.events(topic === undefined ? {} : { topic }))
        out.answer(event, `${event.time} ${event.topic} ${event.subject} ${JSON.stringify(event.data)}`)
    })
}
