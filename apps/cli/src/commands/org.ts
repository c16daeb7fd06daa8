import { readFileSync } from 'node:fs'
import type { CharterChange } from '@icn/protocol'
import { createActor } from '@icn/sdk'
import type { Command } from 'commander'
import { openSession, readAs } from '../session.ts'
import { keyToFound, rememberLabel } from '../wallet.ts'

export function orgCommands(program: Command): void {
  const org = program.command('org').description('organizations')
  org
    .command('found')
    .argument('<name>', 'name of the organization')
    .option('--community', 'a community, not a cooperative')
    .option('--member-name NAME', 'the name under which you are listed')
    .option('--charter FILE', 'JSON file with the rules that differ from the default')
    .description('found an organization; you hold every role in it')
    .addHelpText('after', '\nExample:\n  icn org found "Harbour Bakery" --as ana')
    .action(
      async (
        name: string,
        options: { community?: boolean; memberName?: string; charter?: string },
        command: Command,
      ) => {
        const session = openSession(command)
        const { key, label } = await keyToFound(session.home, await session.key())
        const charter =
          options.charter === undefined ? {} : (JSON.parse(readFileSync(options.charter, 'utf8')) as CharterChange)
        const actor = createActor({
          client: session.client,
          key,
          confirm: (lines) => session.out.progress(lines.join('\n')),
        })
        const orgKind = options.community === true ? 'community' : 'cooperative'
        const receipt = await actor.act({
          kind: 'org.found',
          name,
          orgKind,
          founderName: options.memberName ?? session.name(),
          charter,
        })
        const did = String(receipt.result.org)
        rememberLabel(session.home, session.name(), did, label)
        session.out.answer({ ...receipt, org: did, member: actor.did }, [
          `${name} is founded: ${did}`,
          `You are ${actor.did} there.`,
        ])
      },
    )
  org
    .command('list')
    .description('organizations of the network')
    .action(async (_: unknown, command: Command) => {
      const { client, out } = openSession(command)
      const page = await client.call('organizations', { query: { limit: 200 } })
      out.answer(
        page,
        page.items.length === 0
          ? 'None yet.'
          : page.items.map(({ name, members, did }) => `${name}\t${members} members\t${did}`),
      )
    })
  org
    .command('show')
    .argument('<org>', 'DID or name')
    .description('one organization')
    .action(async (given: string, _: unknown, command: Command) => {
      const session = openSession(command)
      const did = await session.findOrg(given)
      const facts = await readAs(session, did, (client) => client.call('organization', { params: { org: did } }))
      session.out.answer(facts, [
        `${facts.name} (${facts.kind})`,
        `did       ${facts.did}`,
        `founded   ${facts.founded} by ${facts.founder}`,
        `members   ${facts.members}, ${facts.voices} with voice`,
        `roll      version ${facts.rollVersion}, root ${facts.rollRoot}`,
      ])
    })
  org
    .command('charter')
    .argument('<org>', 'DID or name')
    .description('the rules of an organization')
    .action(async (given: string, _: unknown, command: Command) => {
      const session = openSession(command)
      const did = await session.findOrg(given)
      const charter = await readAs(session, did, (client) => client.call('charter', { params: { org: did } }))
      session.out.answer(charter, [`version ${charter.version}`, JSON.stringify(charter.charter, null, 2)])
    })
}
