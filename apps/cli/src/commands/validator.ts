import type { AnswerOf } from '@icn/http-api/contract'
import type { Action } from '@icn/protocol'
import type { Command } from 'commander'
import { CliError } from '../cli-error.ts'
import { parseCount, parseDuration } from '../parse.ts'
import { openSession, type Session } from '../session.ts'
import { proposeAction } from './propose.ts'

interface ProposeOptions {
  readonly power?: number
  readonly text: string
  readonly voting?: number
}

export function validatorCommands(program: Command): void {
  const validator = program.command('validator').description('who makes blocks')
  validator
    .command('list')
    .description('validators, their power and how they attend')
    .action(async (_: unknown, command: Command) => {
      const { client, out } = openSession(command)
      const facts = await client.call('validators', {})
      out.answer(facts, [
        ...facts.items.map(validatorLine),
        facts.federation === null
          ? 'No federation is named: these validators stay.'
          : `Decided by ${facts.federation}; at most ${facts.maxValidators}`,
      ])
    })
  decision(validator.command('propose').argument('<node>', 'id of a node that was heard'))
    .option('--power <n>', 'votes on blocks; as much as the others, where it is not said', parseCount)
    .description('propose to make a node a validator; the federation decides')
    .action(async (node: string, options: ProposeOptions, command: Command) => {
      const session = openSession(command)
      const { moniker } = await session.client.call('node', { params: { id: node } })
      const { items } = await session.client.call('validators', {})
      const power = options.power ?? items.find(({ status }) => status === 'active')?.power ?? 1
      await propose(session, options, `Make ${moniker} a validator`, { do: 'admit-validator', node, power })
    })
  decision(validator.command('remove').argument('<address>', 'of the validator'))
    .requiredOption('--reason <text>', 'why')
    .description('propose to remove a validator; the federation decides')
    .action(async (address: string, options: ProposeOptions & { reason: string }, command: Command) => {
      const session = openSession(command)
      const { name } = await session.client.call('validator', { params: { address } })
      const action = { do: 'remove-validator', validator: address, reason: options.reason } as const
      await propose(session, options, `Remove validator ${name}`, action)
    })
  validator
    .command('unjail')
    .argument('<address>', 'of the validator')
    .description('let a validator sign blocks again, once its node is well')
    .action(async (address: string, _: unknown, command: Command) => {
      const session = openSession(command)
      const receipt = await (await operatorOf(session, address)).act({ kind: 'validator.unjail', validator: address })
      session.out.answer(receipt, 'It signs again from the second block after this one.')
    })
  validator
    .command('appeal')
    .argument('<address>', 'of the validator')
    .requiredOption('--statement <text>', 'why it should be a validator again')
    .description('appeal against a removal for misbehaviour; the federation decides')
    .action(async (address: string, { statement }: { statement: string }, command: Command) => {
      const session = openSession(command)
      const actor = await operatorOf(session, address)
      const receipt = await actor.act({ kind: 'validator.appeal', validator: address, statement })
      const id = String(receipt.result.proposal)
      session.out.answer({ ...receipt, proposal: id }, [`Proposal ${id}`, `icn proposal show ${id}`])
    })
}

function decision(command: Command): Command {
  return command
    .option('--text <text>', 'what speaks for it', '')
    .option('--voting <time>', 'how long to vote: 3d', parseDuration)
}

async function propose(
  session: Session,
  { text, voting }: ProposeOptions,
  title: string,
  action: Action,
): Promise<void> {
  const { federation } = await session.client.call('validators', {})
  if (federation === null)
    throw new CliError(
      'NO_FEDERATION',
      'Nobody decides about the validators of this network.',
      'The genesis names a federation where they can change, or the validator of a node that was alone did; docs/validators.md says how.',
    )
  await proposeAction(session, federation, { type: 'bylaw', title, text, action, votingMs: voting ?? null })
}

/** The person of `--as` in the organization of the validator's node; without one, the key itself. */
async function operatorOf(session: Session, address: string) {
  const { org } = await session.client.call('validator', { params: { address } })
  return org === null ? session.actorWith(await session.key()) : session.actorIn(org)
}

function validatorLine(facts: AnswerOf<'validator'>): string {
  const { address, name, power, status, missed, missingSince, node } = facts
  const away = missingSince === null ? '' : `, missing since block ${missingSince}`
  return `${address}\t${name}\t${status}\tpower ${power}\tmissed ${missed}${away}\t${node ?? 'no node registered'}`
}
