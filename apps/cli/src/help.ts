import type { Command } from 'commander'
import { usage } from './cli-error.ts'
import { EXAMPLES } from './examples.ts'
import { outputOf } from './session.ts'

/** The words that lead to a command: `proposal new`. */
export function pathOf(command: Command): string {
  const { parent } = command
  return parent === null || parent.parent === null ? command.name() : `${pathOf(parent)} ${command.name()}`
}

/** Everything that can be run, groups left out. */
export function leaves(command: Command): Command[] {
  return command.commands.flatMap((own) => (own.commands.length === 0 ? [own] : leaves(own)))
}

export function addExamples(command: Command): void {
  const examples = EXAMPLES[pathOf(command)] ?? []
  if (examples.length === 0) return
  command.addHelpText('after', `\n${examples.length === 1 ? 'Example' : 'Examples'}:\n  ${examples.join('\n  ')}`)
}

/** `icn help`, `icn help proposal`, `icn help proposal new`. */
export function helpCommand(program: Command): void {
  program.helpCommand(false)
  program
    .command('help')
    .argument('[command...]', 'the words of a command')
    .description('what a command does, with examples')
    .action((words: readonly string[], _: unknown, self: Command) => {
      const command = find(program, words)
      const text = command.helpInformation()
      const examples = EXAMPLES[pathOf(command)] ?? []
      const lines = examples.length === 0 ? text : `${text}\nExamples:\n  ${examples.join('\n  ')}`
      outputOf(self).answer({ command: words.join(' '), help: text, examples }, lines)
    })
}

function find(program: Command, words: readonly string[]): Command {
  let command = program
  for (const word of words) {
    const next = command.commands.find((own) => own.name() === word)
    if (next === undefined) {
      const known = command.commands.map((own) => own.name()).join(', ')
      throw usage(`There is no command ${words.join(' ')}.`, known === '' ? 'icn help shows all.' : `Known: ${known}.`)
    }
    command = next
  }
  return command
}
