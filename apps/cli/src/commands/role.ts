import type { Command } from 'commander'
import { openSession } from '../session.ts'

export function roleCommands(program: Command): void {
  const role = program.command('role').description('roles of members')
  for (const [verb, kind, done] of [
    ['grant', 'role.grant', 'granted'],
    ['revoke', 'role.revoke', 'revoked'],
  ] as const) {
    role
      .command(verb)
      .argument('<did>', 'the member')
      .argument('<role>', 'steward, treasurer, mediator, operator, or one of the charter')
      .requiredOption('--org <org>', 'the organization, by DID or name')
      .description(`${verb} a role`)
      .action(async (member: string, name: string, options: { org: string }, command: Command) => {
        const session = openSession(command)
        const org = await session.findOrg(options.org)
        const receipt = await (await session.actorIn(org)).act({ kind, org, member, role: name })
        session.out.answer(receipt, `${name} ${done}`)
      })
  }
}
