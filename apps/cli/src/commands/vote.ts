import type { Ballot } from '@icn/protocol'
import type { Command } from 'commander'
import { usage } from '../cli-error.ts'
import { describeChoice, parseBallot } from '../parse.ts'
import { openSession, readProposal } from '../session.ts'

export function voteCommands(program: Command): void {
  program
    .command('vote')
    .argument('<proposal>')
    .argument('<ballot>', 'yes, no, abstain; a label; "A,B"; "A=3,B=1"; "A>B=C"')
    .option('--reason <text>', 'why, for everybody to read', '')
    .description('cast a ballot; a later one replaces it')
    .action(async (id: string, text: string, { reason }: { reason: string }, command: Command) => {
      const session = openSession(command)
      const { org, title, method, options, maxScore } = await readProposal(session, id)
      const labels = options.map(({ label }) => label)
      const ballot = parseBallot(method, labels, text)
      if (method === 'score') checkScores(ballot, maxScore)
      session.out.progress(`On ${JSON.stringify(title)}: ${describeChoice(labels, ballot)}`)
      const receipt = await (await session.actorIn(org)).act({ kind: 'vote.cast', proposal: id, ballot, reason })
      session.out.answer({ ...receipt, ballot }, `Counted in block ${receipt.height}.`)
    })
}

function checkScores(ballot: Ballot, maxScore: number): void {
  const pairs = (typeof ballot === 'object' ? ballot : []) as readonly (readonly number[])[]
  const over = pairs.find(([, score = 0]) => score > maxScore)
  if (over !== undefined) throw usage(`${over[1]} is more than the highest score.`, `Give 0 to ${maxScore}.`)
}
