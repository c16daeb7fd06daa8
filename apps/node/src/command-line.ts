import { type Configuration, loadConfiguration } from './config/load.ts'
import { TransferError } from './transfer-error.ts'

/** A command's own words, apart from the settings that every command takes. */
export interface CommandLine {
  readonly configuration: Configuration
  /** What is named without a flag, in order. */
  readonly names: readonly string[]
  /** Own flags that were given; those with a value have it. */
  readonly flags: ReadonlyMap<string, string>
}

/**
 * @param own - flags of this command: `--with-key` alone, `--key=` with a value
 * @param usage - what to say where the names are too few or too many
 * @throws TransferError, ConfigurationError
 */
export function readCommandLine(
  args: readonly string[],
  own: readonly string[],
  names: number,
  usage: string,
): CommandLine {
  const flags = new Map<string, string>()
  const given: string[] = []
  const rest: string[] = []
  for (let at = 0; at < args.length; at++) {
    const [word = '', value] = splitOnce(args[at] ?? '')
    if (own.includes(word)) flags.set(word, '')
    else if (own.includes(`${word}=`)) flags.set(word, value ?? args[++at] ?? '')
    else if (!word.startsWith('-')) given.push(args[at] ?? '')
    else rest.push(...(value === undefined ? args.slice(at, ++at + 1) : args.slice(at, at + 1)))
  }
  if (given.length !== names) throw new TransferError('USAGE', `usage: icn-node ${usage}`, 'icn-node help')
  return { configuration: loadConfiguration(rest, process.env), names: given, flags }
}

/** `--home=DIR` as a word and its value. */
function splitOnce(arg: string): [word: string, value: string | undefined] {
  const at = arg.startsWith('--') ? arg.indexOf('=') : -1
  return at < 0 ? [arg, undefined] : [arg.slice(0, at), arg.slice(at + 1)]
}
