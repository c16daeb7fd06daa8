import {
  type Action,
  type Bodies,
  type Body,
  METHODS,
  type Method,
  PROPOSAL_STATUSES,
  type ProposalStatus,
  type ProposalType,
} from '@icn/protocol'
import { type Command, Option } from 'commander'
import { usage } from '../cli-error.ts'
import { allOf } from '../pages.ts'
import { parseCount, parseDuration } from '../parse.ts'
import { openSession, readAs, readProposal, type Session } from '../session.ts'
import { bylawAction } from './bylaw.ts'
import { proposalLines } from './proposal-lines.ts'
import { propose } from './propose.ts'

const TYPES = ['standard', 'budget', 'bylaw', 'constitution'] as const satisfies readonly ProposalType[]

interface NewOptions {
  readonly org: string
  readonly title: string
  readonly text: string
  readonly type?: ProposalType
  readonly method: Method
  readonly options?: string
  readonly option?: string[]
  readonly action?: string[]
  readonly bylaw?: string
  readonly seats: number
  readonly maxScore?: number
  readonly budget?: number
  readonly discussion?: number
  readonly voting?: number
}

export function proposalCommands(program: Command): void {
  const proposal = program.command('proposal').description('decisions')
  settings(proposal.command('new').requiredOption('--org <org>', 'the organization, by DID or name'))
    .description('make a proposal')
    .action(async (options: NewOptions, command: Command) => {
      const session = openSession(command)
      await propose(session, await bodyOf(session, options, await session.findOrg(options.org), null))
    })
  settings(proposal.command('amend').argument('<proposal>', 'your own, before voting'))
    .description('replace your own proposal by another text; the old one is withdrawn')
    .action(async (id: string, options: NewOptions, command: Command) => {
      const session = openSession(command)
      const { org } = await readProposal(session, id)
      await propose(session, await bodyOf(session, options, org, id))
    })
  simple(proposal, 'sponsor', 'stand behind a draft', 'Sponsored.', (id) => ({
    kind: 'proposal.sponsor',
    proposal: id,
  }))
  simple(proposal, 'open', 'end the discussion of your own proposal early', 'Voting is open.', (id) => ({
    kind: 'proposal.open',
    proposal: id,
  }))
  simple(proposal, 'withdraw', 'take back your own proposal', 'Withdrawn.', (id) => ({
    kind: 'proposal.withdraw',
    proposal: id,
  }))
  proposal
    .command('discuss')
    .argument('<proposal>')
    .argument('[text]', 'what you say; without it the discussion is shown')
    .option('--reply-to <comment>', 'the comment that you answer')
    .description('say something about a proposal, or read what was said')
    .action(async (id: string, text: string | undefined, { replyTo }: { replyTo?: string }, command: Command) => {
      const session = openSession(command)
      if (text === undefined) {
        const items = await readAs(session, undefined, (client) => allOf(client, 'comments', { params: { id } }))
        session.out.answer(
          { items },
          items.length === 0
            ? 'Nothing was said yet.'
            : items.map(({ id: comment, time, author, text: said }) => `${time} ${author} (${comment})\n  ${said}`),
        )
        return
      }
      const { org } = await readProposal(session, id)
      const receipt = await (await session.actorIn(org)).act({
        kind: 'proposal.discuss',
        proposal: id,
        text,
        inReplyTo: replyTo ?? null,
      })
      session.out.answer(receipt, 'Said.')
    })
  proposal
    .command('list')
    .option('--org <org>', 'of one organization')
    .addOption(new Option('--status <status>', 'in one phase').choices(PROPOSAL_STATUSES))
    .description('proposals, latest first')
    .action(async (options: { org?: string; status?: ProposalStatus }, command: Command) => {
      const session = openSession(command)
      const org = options.org === undefined ? undefined : await session.findOrg(options.org)
      const query = {
        ...(org === undefined ? {} : { org }),
        ...(options.status === undefined ? {} : { status: options.status }),
      }
      const items = await readAs(session, org, (client) => allOf(client, 'proposals', { query }))
      session.out.answer(
        { items },
        items.length === 0 ? 'None.' : items.map((item) => `${item.id}\t${item.status}\t${item.title}`),
      )
    })
  proposal
    .command('show')
    .argument('<proposal>')
    .description('one proposal with its result')
    .action(async (id: string, _: unknown, command: Command) => {
      const session = openSession(command)
      const facts = await readProposal(session, id)
      session.out.answer(facts, proposalLines(facts))
    })
}

function settings(command: Command): Command {
  return command
    .requiredOption('--title <title>', 'what it is about, in a line')
    .option('--text <text>', 'the whole of it', '')
    .addOption(new Option('--type <type>', 'standard, or bylaw with --bylaw, by default').choices(TYPES))
    .addOption(new Option('--method <method>', 'how it is decided').choices(METHODS).default('yes-no'))
    .option('--options <labels>', 'the answers, with commas between')
    .option('--option <label...>', 'one answer; of a budget with its cost: "Oven=60000"')
    .option('--action <json...>', 'what a passed proposal does, as docs/governance.md describes')
    .option('--bylaw <name=file>', 'adopt the text of a file as a bylaw, or change the one that there is')
    .option('--seats <n>', 'how many to elect (stv)', parseCount, 1)
    .option('--max-score <n>', 'highest score (score)', parseCount)
    .option('--budget <minor>', 'what can be spent, in minor units (budgets)', parseCount)
    .option('--discussion <time>', 'how long to discuss: 2d', parseDuration)
    .option('--voting <time>', 'how long to vote: 3d', parseDuration)
}

async function bodyOf(
  session: Session,
  given: NewOptions,
  org: string,
  amends: string | null,
): Promise<Bodies['proposal.new']> {
  const labels = [...(given.options?.split(',').map((label) => label.trim()) ?? []), ...(given.option ?? [])]
  const isBudget = given.method === 'equal-shares' || given.method === 'greedy'
  const maxScore = given.method === 'score' ? (given.maxScore ?? 5) : 0
  const { title, text, method, seats } = given
  const bylaw = given.bylaw === undefined ? [] : [await bylawAction(session, org, given.bylaw, title)]
  const type = given.type ?? (given.bylaw === undefined ? 'standard' : 'bylaw')
  const money = { budgetMinor: given.budget ?? 0 }
  const options = labels.map((label) => (isBudget ? withCost(label) : { label, actions: [], costMinor: 0 }))
  const times = { discussionMs: given.discussion ?? null, votingMs: given.voting ?? null }
  const actions = [...(given.action ?? []).map(parseAction), ...bylaw]
  return {
    kind: 'proposal.new',
    org,
    type,
    title,
    text,
    method,
    options,
    actions,
    seats,
    maxScore,
    ...money,
    ...times,
    amends,
  }
}

function withCost(text: string): Bodies['proposal.new']['options'][number] {
  const at = text.lastIndexOf('=')
  if (at === -1) throw usage(`${text} has no cost.`, 'An option of a budget is written with its cost: "Oven=60000".')
  return { label: text.slice(0, at).trim(), actions: [], costMinor: parseCount(text.slice(at + 1).trim()) }
}

function parseAction(json: string): Action {
  try {
    return JSON.parse(json) as Action
  } catch (cause) {
    throw usage(
      `The action is no JSON: ${(cause as Error).message}`,
      'For example {"do":"standard","text":"We open on Sundays"}.',
    )
  }
}

function simple(parent: Command, verb: string, about: string, done: string, body: (id: string) => Body): void {
  parent
    .command(verb)
    .argument('<proposal>')
    .description(about)
    .action(async (id: string, _: unknown, command: Command) => {
      const session = openSession(command)
      const { org } = await readProposal(session, id)
      session.out.answer(await (await session.actorIn(org)).act(body(id)), done)
    })
}
