import type { Command } from 'commander'
import { parseBallot } from '../parse.ts'
import { openSession } from '../session.ts'

export function voteCommands(program: Command): void {
  program
    .command('vote')
    .argument('<proposal>')
    .argument('<ballot>', 'yes, no, abstain; a label; "A,B"; "A=3,B=1"; "A>B=C"')
    .option('--reason <text>', 'why, for everybody to read', '')
    .description('cast a ballot; a later one replaces it')
    .addHelpText(
      'after',
      `
Examples:
  icn vote p12-0-k3j5x2 yes --as ana
  icn vote p12-0-k3j5x2 "electric>wood=gas" --as ben      ranked, two of them equal
  icn vote p12-0-k3j5x2 "Oven,Bicycle" --as ben           approved`,
    )
    .action(async (id: string, text: string, { reason }: { reason: string }, command: Command) => {
      const session = openSession(command)
      const { org, method, options } = await session.client.call('proposal', { params: { id } })
      const ballot = parseBallot(
        method,
        options.map(({ label }) => label),
        text,
      )
      const receipt = await (await session.actorIn(org)).act({ kind: 'vote.cast', proposal: id, ballot, reason })
      session.out.answer({ ...receipt, ballot }, `Counted in block ${receipt.height}.`)
    })
}
