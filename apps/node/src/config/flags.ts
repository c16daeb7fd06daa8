import { parseArgs } from 'node:util'
import { ConfigurationError, LISTED, unknownName } from './configuration-error.ts'
import { flagName, settings } from './settings.ts'

type Options = Record<string, { type: 'string' | 'boolean' }>

/**
 * Flags by name, without `--`; switches are `true` or `false`.
 *
 * @throws ConfigurationError
 */
export function readFlags(args: readonly string[]): Record<string, string | boolean | undefined> {
  const options: Options = {
    home: { type: 'string' },
    'dev-clock': { type: 'boolean' },
    'accept-restored': { type: 'boolean' },
  }
  for (const { key, initial } of settings) {
    options[flagName(key)] = { type: typeof initial === 'boolean' ? 'boolean' : 'string' }
  }
  for (const arg of args) {
    const name = /^--(?:no-)?([^=]+)/.exec(arg)?.[1]
    if (name !== undefined && !(name in options)) throw unknownName(`--${name}`, Object.keys(options), '--')
  }
  checkSwitches(args, options)
  try {
    return parseArgs({
      args: args.map((arg) => withoutTruth(arg, options)),
      options,
      strict: true,
      allowNegative: true,
    }).values as Record<string, string | boolean>
  } catch (cause) {
    throw new ConfigurationError(`${(cause as Error).message}; ${LISTED}`, { cause })
  }
}

/** A switch is given alone: a word after it would be taken for a name. */
function checkSwitches(args: readonly string[], options: Options): void {
  for (const [at, arg] of args.entries()) {
    const [, name = '', value] = /^--([^=]+)(?:=(.*))?$/s.exec(arg) ?? []
    if (options[name]?.type !== 'boolean') continue
    const next = args[at + 1] ?? '-'
    if (value !== undefined && !/^(?:true|false)$/.test(value))
      throw new ConfigurationError(`--${name}: expected true or false, got ${JSON.stringify(value)}`)
    if (value === undefined && !next.startsWith('-'))
      throw new ConfigurationError(
        `--${name}: takes no word after it, got ${JSON.stringify(next)}; write --${name} or --no-${name}`,
      )
  }
}

/** `--consensus-external=true` is `--consensus-external`, as the other two forms of a setting have it. */
function withoutTruth(arg: string, options: Options): string {
  const [, name = '', truth] = /^--([^=]+)=(true|false)$/.exec(arg) ?? []
  if (options[name]?.type !== 'boolean') return arg
  return truth === 'true' ? `--${name}` : `--no-${name}`
}
