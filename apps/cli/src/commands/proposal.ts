import type { AnswerOf } from '@icn/http-api/contract'
import type { Action, Bodies, Body, Method, ProposalType } from '@icn/protocol'
import type { Command } from 'commander'
import { CliError, usage } from '../cli-error.ts'
import { parseCount, parseDuration } from '../parse.ts'
import { openSession, readAs, type Session } from '../session.ts'
import { propose } from './propose.ts'

interface NewOptions {
  readonly org: string
  readonly title: string
  readonly text: string
  readonly type: ProposalType
  readonly method: Method
  readonly options?: string
  readonly option?: string[]
  readonly action?: string[]
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
    .addHelpText(
      'after',
      `
Examples:
  icn proposal new --org "Harbour Bakery" --title "New oven" --method schulze --options "gas,electric,wood" --as ana
  icn proposal new --org "Harbour Bakery" --title "Longer votes" --type constitution --action '{"do":"charter","change":{"votingMs":1209600000}}' --as ana
  icn proposal new --org "Harbour Bakery" --title "What to buy" --type budget --method equal-shares --budget 100000 --option "Oven=60000" --option "Bicycle=30000" --as ana`,
    )
    .action(async (options: NewOptions, command: Command) => {
      const session = openSession(command)
      await propose(session, bodyOf(options, await session.findOrg(options.org), null))
    })
  settings(proposal.command('amend').argument('<proposal>', 'your own, before voting'))
    .description('replace your own proposal by another text; the old one is withdrawn')
    .action(async (id: string, options: NewOptions, command: Command) => {
      const session = openSession(command)
      const { org } = await session.client.call('proposal', { params: { id } })
      await propose(session, bodyOf(options, org, id))
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
        const page = await session.client.call('comments', { params: { id }, query: { limit: 200 } })
        session.out.answer(
          page,
          page.items.length === 0
            ? 'Nothing was said yet.'
            : page.items.map(({ time, author, text: said }) => `${time} ${author}\n  ${said}`),
        )
        return
      }
      const { org } = await session.client.call('proposal', { params: { id } })
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
    .option('--status <status>', 'in one phase')
    .description('proposals, latest first')
    .action(async (options: { org?: string; status?: string }, command: Command) => {
      const session = openSession(command)
      const org = options.org === undefined ? {} : { org: await session.findOrg(options.org) }
      const status = options.status === undefined ? {} : { status: options.status as never }
      const page = await session.client.call('proposals', { query: { limit: 200, ...org, ...status } })
      session.out.answer(
        page,
        page.items.length === 0 ? 'None.' : page.items.map((item) => `${item.id}\t${item.status}\t${item.title}`),
      )
    })
  proposal
    .command('show')
    .argument('<proposal>')
    .description('one proposal with its result')
    .action(async (id: string, _: unknown, command: Command) => {
      const session = openSession(command)
      const facts = await showProposal(session, id)
      session.out.answer(facts, linesOf(facts))
    })
}

/** Members-only organizations need a session, and only the proposal says which organization it is of. */
async function showProposal(session: Session, id: string): Promise<AnswerOf<'proposal'>> {
  return readAs(session, '', (client) => client.call('proposal', { params: { id } }))
}

function settings(command: Command): Command {
  return command
    .requiredOption('--title <title>', 'what it is about, in a line')
    .option('--text <text>', 'the whole of it', '')
    .option('--type <type>', 'constitution, bylaw, budget or standard', 'standard')
    .option(
      '--method <method>',
      'yes-no, consent, plurality, approval, score, schulze, irv, stv, equal-shares or greedy',
      'yes-no',
    )
    .option('--options <labels>', 'the answers, with commas between')
    .option('--option <label...>', 'one answer; of a budget with its cost: "Oven=60000"')
    .option('--action <json...>', 'what a passed proposal does, as docs/governance.md describes')
    .option('--seats <n>', 'how many to elect (stv)', parseCount, 1)
    .option('--max-score <n>', 'highest score (score)', parseCount)
    .option('--budget <minor>', 'what can be spent, in minor units (budgets)', parseCount)
    .option('--discussion <time>', 'how long to discuss: 2d', parseDuration)
    .option('--voting <time>', 'how long to vote: 3d', parseDuration)
}

function bodyOf(given: NewOptions, org: string, amends: string | null): Bodies['proposal.new'] {
  const labels = [...(given.options?.split(',').map((label) => label.trim()) ?? []), ...(given.option ?? [])]
  const isBudget = given.method === 'equal-shares' || given.method === 'greedy'
  const maxScore = given.method === 'score' ? (given.maxScore ?? 5) : 0
  const { type, title, text, method, seats } = given
  const money = { budgetMinor: given.budget ?? 0 }
  const options = labels.map((label) => (isBudget ? withCost(label) : { label, actions: [], costMinor: 0 }))
  const times = { discussionMs: given.discussion ?? null, votingMs: given.voting ?? null }
  const actions = (given.action ?? []).map(parseAction)
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
    throw new CliError(
      'USAGE',
      `The action is no JSON: ${(cause as Error).message}`,
      'For example {"do":"standard","text":"We open on Sundays"}.',
      2,
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
      const { org } = await session.client.call('proposal', { params: { id } })
      session.out.answer(await (await session.actorIn(org)).act(body(id)), done)
    })
}

function linesOf(facts: AnswerOf<'proposal'>): string[] {
  const { result, options, votingEnd, frozenRoll } = facts
  const lines = [`${facts.title}`, `${facts.id}  ${facts.type}, ${facts.method}, ${facts.status}`]
  if (facts.text !== '') lines.push('', facts.text)
  if (options.length > 0)
    lines.push(
      '',
      ...options.map(({ label, cost }, index) => `  ${index + 1}  ${label}${cost === '0' ? '' : `  ${cost}`}`),
    )
  if (votingEnd !== null)
    lines.push('', `voting until ${votingEnd}, ${facts.turnout} of ${frozenRoll?.heads ?? 0} have voted`)
  if (result !== null) {
    lines.push(
      `${result.final ? 'result' : 'so far'}: ${result.winners.length > 0 ? `${result.winners.join(', ')}${result.tied ? ' (tied)' : ''}` : countsLine(result.counts)}`,
    )
    lines.push(`turnout ${result.turnout}, quorum ${result.quorum}`)
  }
  if (facts.failure !== null) lines.push(`could not be carried out: ${facts.failure}`)
  return lines
}

function countsLine(counts: unknown): string {
  const entries = Object.entries(counts as Record<string, unknown>).filter(([, value]) => typeof value === 'number')
  return entries.length === 0 ? 'no winner' : entries.map(([name, value]) => `${name} ${value}`).join(', ')
}
