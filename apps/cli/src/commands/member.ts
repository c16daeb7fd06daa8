import { generateSeed, publicKeyFromSeed } from '@icn/crypto'
import { proveInvitation, publicKeyToText } from '@icn/protocol'
import type { Command } from 'commander'
import { CliError, usage } from '../cli-error.ts'
import { allOf } from '../pages.ts'
import { invitationCode, parseCount, parseDuration, parseInvitationCode } from '../parse.ts'
import { openSession, readAs } from '../session.ts'
import { rememberLabel } from '../wallet.ts'
import { proposeAction } from './propose.ts'

const ORG = ['--org <org>', 'the organization, by DID or name'] as const

export function memberCommands(program: Command): void {
  const member = program.command('member').description('membership')
  member
    .command('invite')
    .requiredOption(...ORG)
    .option('--uses <n>', 'how many may join with it', parseCount, 1)
    .option('--expires <time>', 'for how long', parseDuration, parseDuration('30d'))
    .option('--role <role...>', 'roles that it grants besides member')
    .description('make an invitation code to hand over')
    .action(async (options: { org: string; uses: number; expires: number; role?: string[] }, command: Command) => {
      const session = openSession(command)
      const org = await session.findOrg(options.org)
      const { network, time } = await session.client.call('network', {})
      const secret = generateSeed()
      const invitationKey = publicKeyToText(publicKeyFromSeed(secret))
      const expiresTimeMs = Math.max(Date.parse(time), Date.now()) + options.expires
      const actor = await session.actorIn(org)
      const receipt = await actor.act({
        kind: 'member.invite',
        org,
        invitationKey,
        uses: options.uses,
        expiresTimeMs,
        roles: options.role ?? [],
      })
      const id = String(receipt.result.invitation)
      const code = invitationCode({ network, org, id, secret })
      session.out.answer({ ...receipt, invitation: id, code }, [
        `Invitation ${id}. Hand this code over; whoever holds it can join:`,
        code,
      ])
    })
  member
    .command('apply')
    .argument('[code]', 'an invitation code; without one the organization answers the application')
    .option(...ORG)
    .option('--name <name>', 'the name under which you are listed')
    .option('--statement <text>', 'what you want to say with it', '')
    .description('join with an invitation, or apply')
    .action(
      async (
        code: string | undefined,
        options: { org?: string; name?: string; statement: string },
        command: Command,
      ) => {
        const session = openSession(command)
        const given = code === undefined ? undefined : parseInvitationCode(code)
        if (given === undefined && options.org === undefined) {
          throw usage('It is not said where to apply.', 'Give an invitation code, or --org.')
        }
        const org = given?.org ?? (await session.findOrg(options.org ?? ''))
        const actor = await session.actorIn(org)
        const { network } = await session.client.call('network', {})
        if (given !== undefined && given.network !== network)
          throw new CliError(
            'OTHER_NETWORK',
            `The invitation is for the network ${given.network}.`,
            'Name a node of that network with --node.',
          )
        const invitation =
          given === undefined
            ? null
            : { id: given.id, proof: proveInvitation(network, given.id, actor.did, given.secret) }
        const receipt = await actor.act({
          kind: 'member.apply',
          org,
          name: options.name ?? session.name(),
          statement: options.statement,
          invitation,
        })
        rememberLabel(session.home, session.name(), org, org)
        const isMember = receipt.result.member !== undefined
        session.out.answer(
          { ...receipt, org, did: actor.did, member: isMember },
          isMember ? `You are a member now: ${actor.did}` : `Applied as ${actor.did}; somebody has to answer.`,
        )
      },
    )
  for (const [verb, kind, done] of [
    ['admit', 'member.admit', 'is a member now'],
    ['refuse', 'member.refuse', 'is refused'],
  ] as const) {
    member
      .command(verb)
      .argument('<did>', 'the applicant')
      .requiredOption(...ORG)
      .option('--reason <text>', 'why', '')
      .description(`${verb} an applicant`)
      .action(async (did: string, options: { org: string; reason: string }, command: Command) => {
        const session = openSession(command)
        const org = await session.findOrg(options.org)
        const body =
          kind === 'member.admit' ? { kind, org, member: did } : { kind, org, member: did, reason: options.reason }
        const receipt = await (await session.actorIn(org)).act(body)
        session.out.answer({ ...receipt, member: did }, `${did} ${done}`)
      })
  }
  member
    .command('expel')
    .argument('<did>', 'the member')
    .requiredOption(...ORG)
    .requiredOption('--reason <text>', 'why')
    .description('propose to expel a member; the members decide')
    .action(async (did: string, options: { org: string; reason: string }, command: Command) => {
      const session = openSession(command)
      const org = await session.findOrg(options.org)
      await proposeAction(session, org, {
        type: 'bylaw',
        title: `Expel ${did}`,
        text: options.reason,
        action: { do: 'expel', member: did, reason: options.reason },
      })
    })
  member
    .command('appeal')
    .requiredOption(...ORG)
    .requiredOption('--statement <text>', 'why you should be a member again')
    .description('ask for a decision on your own expulsion, once')
    .action(async (options: { org: string; statement: string }, command: Command) => {
      const session = openSession(command)
      const org = await session.findOrg(options.org)
      const { statement } = options
      const receipt = await (await session.actorIn(org)).act({ kind: 'member.appeal', org, statement })
      const proposal = String(receipt.result.proposal)
      session.out.answer({ ...receipt, proposal }, [`Appeal ${proposal}`, `icn proposal show ${proposal}`])
    })
  member
    .command('leave')
    .requiredOption(...ORG)
    .description('leave an organization')
    .action(async (options: { org: string }, command: Command) => {
      const session = openSession(command)
      const org = await session.findOrg(options.org)
      const receipt = await (await session.actorIn(org)).act({ kind: 'member.leave', org })
      session.out.answer(receipt, 'You have left. Votes that are open still count yours.')
    })
  member
    .command('list')
    .requiredOption(...ORG)
    .option('--applications', 'those who have applied')
    .description('members of an organization')
    .action(async (options: { org: string; applications?: boolean }, command: Command) => {
      const session = openSession(command)
      const org = await session.findOrg(options.org)
      if (options.applications === true) {
        const items = await readAs(session, org, (client) => allOf(client, 'applications', { params: { org } }))
        session.out.answer(
          { items },
          items.length === 0
            ? 'No applications.'
            : items.map(({ name, did, statement }) => `${name}\t${did}\t${statement}`),
        )
        return
      }
      const items = await readAs(session, org, (client) => allOf(client, 'members', { params: { org } }))
      session.out.answer(
        { items },
        items.map(({ name, did, status, roles }) => `${name}\t${status}\t${roles.join(', ')}\t${did}`),
      )
    })
}
