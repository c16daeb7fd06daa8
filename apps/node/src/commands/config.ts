import { loadConfiguration } from '../config/load.ts'
import { environmentName, flagName, settings } from '../config/settings.ts'
import { ExitCode } from '../exit-codes.ts'

/** Prints every setting with its value, who set it, and its other names. */
export function config(args: readonly string[]): ExitCode {
  const isJson = args.includes('--json')
  const { home, values, origins } = loadConfiguration(
    args.filter((arg) => arg !== '--json'),
    process.env,
  )
  const lines = settings.map(({ key, about }) => ({
    key,
    value: values[key],
    origin: origins[key],
    environment: environmentName(key),
    flag: `--${flagName(key)}`,
    about,
  }))
  if (isJson) console.log(JSON.stringify({ home, settings: lines }))
  else {
    console.log(`home = ${home}`)
    for (const { key, value, origin, environment, flag, about } of lines) {
      console.log(`${key} = ${JSON.stringify(value)}  (${origin}; ${environment}, ${flag})  ${about}`)
    }
  }
  return ExitCode.DONE
}
