import type { CharterChange } from '@icn/protocol'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { readJson } from '../files.ts'
import { allOf } from '../pages.ts'
import { openSession, readAs } from '../session.ts'
import { keyToFound, rememberLabel } from '../wallet.ts'

export function orgCommands(program: Command): void {
  const org = program.command('org').description('organizations')
  org
    .command('found')
    .argument('<name>', 'name of the organization')
    .option('--community', 'a community, not a cooperative')
    .option('--member-name <name>', 'the name under which you are listed')
    .option('--charter <file>', 'JSON file with the rules that differ from the default')
    .description('found an organization; you hold every role in it')
    .action(
      async (
        name: string,
        options: { community?: boolean; memberName?: string; charter?: string },
        command: Command,
      ) => {
        const session = openSession(command)
        const { key, label } = await keyToFound(session.home, await session.key(), session.client)
        const charter = options.charter === undefined ? {} : (readJson(options.charter) as CharterChange)
        const actor = session.actorWith(key)
        const orgKind = options.community === true ? 'community' : 'cooperative'
        const receipt = await actor.act({
          kind: 'org.found',
          name,
          orgKind,
          founderName: options.memberName ?? session.name(),
          charter,
        })
        const did = String(receipt.result.org)
        if (label !== '') rememberLabel(session.home, session.name(), did, label)
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
      const items = await allOf(client, 'organizations', {})
      out.answer(
        { items },
        items.length === 0
          ? 'None yet. Found one: icn org found "Harbour Bakery" --as NAME'
          : items.map(({ name, members, did }) => `${name}\t${members} members\t${did}`),
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
  org
    .command('bylaws')
    .argument('<org>', 'DID or name')
    .option('--bylaw <name>', 'the text of one, to be edited and proposed again')
    .description('bylaws in force, adopted by decision')
    .action(async (given: string, { bylaw }: { bylaw?: string }, command: Command) => {
      const session = openSession(command)
      const did = await session.findOrg(given)
      const items = await readAs(session, did, (client) => allOf(client, 'bylaws', { params: { org: did } }))
      if (bylaw === undefined) {
        const line = (own: (typeof items)[number]) => `${own.bylaw}\tversion ${own.version}\t${own.title}`
        session.out.answer({ items }, items.length === 0 ? 'No bylaws yet.' : items.map(line))
        return
      }
      const found = items.find((item) => item.bylaw === bylaw)
      if (found === undefined)
        throw new CliError(
          'BYLAW_NOT_FOUND',
          `There is no bylaw ${bylaw}.`,
          'icn org bylaws ORG shows those that there are.',
        )
      session.out.answer(found, found.text)
    })
}
