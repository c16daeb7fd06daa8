import type { Command } from 'commander'
import { usage } from '../cli-error.ts'
import { outputOf } from '../session.ts'

/** Short for `audit verify`, and not offered. */
const HIDDEN = 'verify'

/** Shell completion, from the very commands that are declared. */
export function completionCommands(program: Command): void {
  program
    .command('completion')
    .argument('<shell>', 'bash, zsh or fish')
    .description('print completion for a shell')
    .action((shell: string, _: unknown, command: Command) => {
      const shown = program.commands.filter((command) => command.name() !== HIDDEN)
      const words = shown.map((command) => [command.name(), command.commands.map((own) => own.name())] as const)
      const script = scriptFor(shell, words)
      outputOf(command).answer({ shell, script }, script)
    })
}

function scriptFor(shell: string, words: readonly (readonly [string, readonly string[]])[]): string {
  const first = words.map(([name]) => name).join(' ')
  const groups = words.filter(([, own]) => own.length > 0)
  switch (shell) {
    case 'bash':
      return `_icn() {
  local current="\${COMP_WORDS[COMP_CWORD]}"
  if [ "$COMP_CWORD" -eq 1 ]; then COMPREPLY=($(compgen -W "${first}" -- "$current")); return; fi
  case "\${COMP_WORDS[1]}" in
${groups.map(([name, own]) => `    ${name}) [ "$COMP_CWORD" -eq 2 ] && COMPREPLY=($(compgen -W "${own.join(' ')}" -- "$current")) ;;`).join('\n')}
  esac
}
complete -o default -F _icn icn
`
    case 'zsh':
      return `#compdef icn
if (( CURRENT == 2 )); then compadd ${first}; return; fi
case $words[2] in
${groups.map(([name, own]) => `  ${name}) (( CURRENT == 3 )) && compadd ${own.join(' ')} ;;`).join('\n')}
esac
`
    case 'fish':
      return `complete -c icn -n __fish_use_subcommand -a "${first}"
${groups.map(([name, own]) => `complete -c icn -n "__fish_seen_subcommand_from ${name}" -a "${own.join(' ')}"`).join('\n')}
`
    default:
      throw usage(`${shell} is no shell that is known here.`, 'bash, zsh or fish.')
  }
}
