import { environmentName, flagName, settings } from './config/settings.ts'

export const HELP = `icn-node: the node that a cooperative runs

  icn-node start    [--home DIR] [--http-port N] [--dev-clock] …   run the node (what npm start does)
  icn-node init     --name NAME [--founder DID[=NAME]] [--validator KEY[=NAME]] … [--json] …
                                                                  begin a network of several nodes
  icn-node init     --from DIR --federation ORG|none [--json] …   make a network of a node that was alone
  icn-node init     --name NAME --from STATE [--validator KEY[=NAME]] …
                                                                  a new network of the state of one that lost its validators
  icn-node join     --prepare [--home DIR] [--json]               make a node's keys before there is a network
  icn-node join     FILE|URL [--genesis-hash HEX] [--sync URL | --from STATE] …
                                                                  follow a network
  icn-node config   [--json]                                      every setting, its value and where it comes from
  icn-node verify   [--home DIR] [--replay]                        check a data folder that no node has open
  icn-node backup   TARGET [--with-key]                            copy the data folder, also while its node runs
  icn-node restore  BACKUP --home DIR                              make a data folder of a backup
  icn-node export   FILE                                           all state in one file, also while the node runs
  icn-node import   FILE --home DIR [--app-hash HEX] [--key FILE]  make a data folder of such a file
  icn-node snapshot                                                make a snapshot for state sync, and list what is kept
  icn-node version

Settings come from config.toml in the data folder, ICN_… variables and flags, the last of them counts: icn-node start --help lists them.
Ends with 0 done, 2 configuration, 3 data folder in use, 4 corrupt data, 5 upgrade needed,
69 CometBFT does not run, 70 a bug.`

const EVERYWHERE = [
  ['--home DIR', 'data folder (ICN_HOME, ./data)'],
  ['--dev-clock', 'block time can be put forward, for trying things out on a node that is alone'],
  ['--accept-restored', 'a folder that was restored may make blocks: no other node has its key'],
] as const

/** Who uses most settings; the others take the same, and read `--home`. */
const WITH_SETTINGS = ['start', 'init', 'join', 'config']

/** How wide what is typed stands before what it means. */
const COLUMN = 38

/** What `icn-node COMMAND --help` says: how the command is written, and every setting that may follow. */
export function commandHelp(command: string | undefined): string {
  const lines = HELP.split('\n')
  const own = lines.flatMap((line, at) => {
    if (!line.startsWith(`  icn-node ${command} `)) return []
    const next = lines[at + 1] ?? ''
    return next.startsWith(' '.repeat(COLUMN)) ? [line, next] : [line]
  })
  if (own.length === 0) return HELP
  const rest = WITH_SETTINGS.includes(command ?? '')
    ? settingLines()
    : ['It takes the settings too that icn-node start --help lists, of which --home matters most.']
  return [...own, '', ...rest].join('\n')
}

function settingLines(): string[] {
  return [
    'Settings, as flags after the command:',
    '',
    ...EVERYWHERE.map(([flag, about]) => line(flag, about)),
    ...settings.map(({ key, initial, about }) => line(flagOf(key, initial), `${about}${defaultOf(initial)}`)),
    '',
    `Each is also a key of config.toml in the data folder and a variable: --http-port is http.port and ${environmentName('http.port')}.`,
    'icn-node config shows what each is now, and what said so.',
  ]
}

function flagOf(key: string, initial: string | number | boolean): string {
  if (typeof initial === 'boolean') return `--[no-]${flagName(key)}`
  return `--${flagName(key)} ${typeof initial === 'number' ? 'N' : 'TEXT'}`
}

function defaultOf(initial: string | number | boolean): string {
  return initial === '' || typeof initial === 'boolean' ? '' : ` (${initial})`
}

function line(flag: string, about: string): string {
  return `  ${flag.padEnd(COLUMN - 2)}  ${about}`
}
