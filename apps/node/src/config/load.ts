import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse as parseToml, TomlError } from 'smol-toml'
import { ConfigurationError, unknownName } from './configuration-error.ts'
import { readFlags } from './flags.ts'
import { environmentName, flagName, type Setting, type SettingKey, type Settings, settings } from './settings.ts'

export { ConfigurationError } from './configuration-error.ts'

/** Who said what a value is; the last of these that did wins. */
export type Origin = 'default' | 'data folder' | 'config.toml' | 'environment' | 'flag'

export interface Configuration {
  /** Data folder, absolute. */
  readonly home: string
  readonly values: Settings
  readonly origins: Readonly<Record<SettingKey, Origin>>
  /** Block time can be put forward; refused on a network of more than one validator. */
  readonly devClock: boolean
  /** A folder that was restored, or a key that was put into one, may produce blocks: no other node has the key. */
  readonly acceptRestored: boolean
}

/** Names in the environment that belong to the command line tool, to tests and to the search for CometBFT. */
const OTHER_NAMES = ['ICN_HOME', 'ICN_NODE', 'ICN_AS', 'ICN_WALLET', 'ICN_PASSPHRASE_FILE', 'ICN_COMETBFT']

/**
 * Defaults, then `config.toml` in the data folder, then the environment, then flags.
 *
 * @param args - flags after the command
 * @throws ConfigurationError naming what was given, where, and the nearest known name
 */
export function loadConfiguration(args: readonly string[], environment: NodeJS.ProcessEnv): Configuration {
  const flags = readFlags(args)
  const home = resolve(String(flags.home ?? environment.ICN_HOME ?? './data'))
  const values: Record<string, string | number | boolean> = {}
  const origins: Record<string, Origin> = {}
  for (const { key, initial } of settings) {
    values[key] = initial
    origins[key] = 'default'
  }
  if (existsSync(join(home, 'cometbft'))) {
    values['consensus.engine'] = 'cometbft'
    origins['consensus.engine'] = 'data folder'
  }
  const take = (given: ReadonlyMap<Setting, unknown>, origin: Origin, nameOf: (key: string) => string) => {
    for (const [setting, value] of given) {
      values[setting.key] = check(setting, value, nameOf(setting.key))
      origins[setting.key] = origin
    }
  }
  take(fromFile(join(home, 'config.toml')), 'config.toml', (key) => `${key} in config.toml`)
  take(fromEnvironment(environment), 'environment', environmentName)
  take(fromFlags(flags), 'flag', (key) => `--${flagName(key)}`)
  const devClock = flags['dev-clock'] === true
  const acceptRestored = flags['accept-restored'] === true
  const given = { values: values as unknown as Settings, origins: origins as Configuration['origins'] }
  return { home, ...given, devClock, acceptRestored }
}

function fromFlags(flags: Readonly<Record<string, unknown>>): Map<Setting, unknown> {
  const given = settings.filter(({ key }) => flags[flagName(key)] !== undefined)
  return new Map(given.map((setting) => [setting, flags[flagName(setting.key)]]))
}

function fromEnvironment(environment: NodeJS.ProcessEnv): Map<Setting, unknown> {
  const known = settings.map(({ key }) => environmentName(key))
  const given = new Map<Setting, unknown>()
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('ICN_') || OTHER_NAMES.includes(name) || value === undefined) continue
    const setting = settings.find(({ key }) => environmentName(key) === name)
    if (setting === undefined) throw unknownName(name, [...known, ...OTHER_NAMES], '')
    given.set(setting, value)
  }
  return given
}

function fromFile(file: string): Map<Setting, unknown> {
  if (!existsSync(file)) return new Map()
  const given = new Map<Setting, unknown>()
  for (const [key, value] of flatten(parseFile(file), '')) {
    const setting = settings.find((known) => known.key === key)
    if (setting === undefined)
      throw unknownName(
        `${key} in ${file}`,
        settings.map((known) => known.key),
        '',
        key,
      )
    given.set(setting, value)
  }
  return given
}

function parseFile(file: string): Record<string, unknown> {
  try {
    return parseToml(readFileSync(file, 'utf8'))
  } catch (cause) {
    if (cause instanceof TomlError) throw new ConfigurationError(`${file}: ${cause.message}`, { cause })
    throw cause
  }
}

function flatten(value: Record<string, unknown>, prefix: string): [string, unknown][] {
  return Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const isTable = typeof inner === 'object' && inner !== null && !Array.isArray(inner) && !(inner instanceof Date)
    return isTable ? flatten(inner as Record<string, unknown>, `${prefix}${name}.`) : [[prefix + name, inner]]
  })
}

const EXPECTED = { number: 'a whole number', boolean: 'true or false', string: 'a text' } as const

/** Files give numbers, flags and environment texts; a number is never guessed from a text that says more. */
function check(setting: Setting, given: unknown, name: string): string | number | boolean {
  const type = typeof setting.initial as keyof typeof EXPECTED
  const value = typeof given === 'string' ? fromText(type, given) : given
  const expected = EXPECTED[type]
  if (typeof value !== typeof setting.initial)
    throw new ConfigurationError(`${name}: expected ${expected}, got ${JSON.stringify(given)}`)
  const fault = 'fault' in setting ? (setting.fault as (value: unknown) => string | undefined)(value) : undefined
  if (fault !== undefined) throw new ConfigurationError(`${name}: ${fault}, got ${JSON.stringify(given)}`)
  return value as string | number | boolean
}

function fromText(type: keyof typeof EXPECTED, text: string): unknown {
  if (type === 'number' && /^\d{1,16}$/.test(text)) return Number(text)
  if (type === 'boolean' && /^(?:true|false)$/.test(text)) return text === 'true'
  return text
}
