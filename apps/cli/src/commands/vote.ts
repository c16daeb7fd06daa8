import type { Command } from 'commander'
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
      const { org, title, method, options } = await readProposal(session, id)
      const labels = options.map(({ label }) => label)
      const ballot = parseBallot(method, labels, text)
      session.out.progress(`On ${JSON.stringify(title)}: ${describeChoice(labels, ballot)}`)
      const receipt = await (await session.actorIn(org)).act({ kind: 'vote.cast', proposal: id, ballot, reason })
      session.out.answer({ ...receipt, ballot }, `Counted in block ${receipt.height}.`)
    })
}
