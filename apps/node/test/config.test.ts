import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { loadConfiguration } from '../src/config/load.ts'
import { environmentName, flagName, nodeUrls, settings } from '../src/config/settings.ts'
import { commandHelp, HELP } from '../src/help.ts'

const home = mkdtempSync(join(tmpdir(), 'icn-config-'))
const bare = mkdtempSync(join(tmpdir(), 'icn-config-'))
after(() => {
  for (const folder of [home, bare]) rmSync(folder, { recursive: true })
})
writeFileSync(join(home, 'config.toml'), '[http]\nport = 8001\nhost = "::1"\n[log]\nlevel = "warn"\n')

test('flags come before the environment, that before the file, that before defaults, and each says where from', () => {
  const environment = { ICN_HTTP_PORT: '8002', ICN_LOG_LEVEL: 'error', PATH: '/bin' }
  const { values, origins } = loadConfiguration(['--home', home, '--http-port', '8003'], environment)
  assert.deepEqual(
    [values['http.port'], origins['http.port'], values['log.level'], origins['log.level']],
    [8003, 'flag', 'error', 'environment'],
  )
  assert.deepEqual([values['http.host'], origins['http.host']], ['::1', 'config.toml'])
  assert.deepEqual([values['crypto.threads'], origins['crypto.threads']], [1, 'default'])
})

test('the data folder is a flag, then ICN_HOME, then ./data', () => {
  assert.equal(loadConfiguration(['--home', home], { ICN_HOME: bare }).home, home)
  assert.equal(loadConfiguration([], { ICN_HOME: bare }).home, bare)
  assert.equal(loadConfiguration([], {}).home, join(process.cwd(), 'data'))
})

test('a switch is set by its flag alone, and by true or false', () => {
  const external = (...args: string[]) => loadConfiguration(args, {}).values['consensus.external']
  assert.deepEqual([external('--consensus-external'), external('--consensus-external=true')], [true, true])
  assert.deepEqual([external('--consensus-external=false'), external('--no-consensus-external')], [false, false])
  assert.throws(
    () => external('--consensus-external=maybe'),
    /--consensus-external: expected true or false, got "maybe"/,
  )
})

test('other nodes are a list of base URLs', () => {
  assert.deepEqual(nodeUrls(''), [])
  assert.deepEqual(nodeUrls('https://a.example/, http://10.0.0.7:7420'), ['https://a.example', 'http://10.0.0.7:7420'])
})

test('every setting has one name in three forms', () => {
  assert.equal(environmentName('http.bodyLimitBytes'), 'ICN_HTTP_BODY_LIMIT_BYTES')
  assert.equal(flagName('http.bodyLimitBytes'), 'http-body-limit-bytes')
  assert.equal(new Set(settings.map(({ key }) => flagName(key))).size, settings.length)
})

for (const [name, args, environment, message] of [
  ['an unknown flag', ['--http-prot', '1'], {}, /--http-prot is no setting; did you mean --http-port\?/],
  ['an unknown variable', [], { ICN_HTP_PORT: '1' }, /ICN_HTP_PORT is no setting; did you mean ICN_HTTP_PORT\?/],
  ['a flag without a value', ['--http-port'], {}, /http-port/],
  ['a stray argument', ['faster'], {}, /'faster'.*; icn-node start --help lists the settings/],
  [
    'a word after a switch',
    ['--cometbft-private-network', 'true'],
    {},
    /: takes no word after it, got "true"; write --/,
  ],
  ['a flag like no other', ['--quux', '1'], {}, /--quux is no setting; icn-node start --help lists the settings/],
  ['a number that is none', [], { ICN_HTTP_PORT: '80a' }, /ICN_HTTP_PORT: expected a whole number, got "80a"/],
  ['a port out of range', ['--http-port', '65536'], {}, /--http-port: expected an integer from 0 to 65535/],
  ['a level that is none', ['--log-level', 'loud'], {}, /--log-level: expected one of/],
  ['a reader that is none', ['--monitor-machine', 'friends'], {}, /--monitor-machine: expected one of loopback, /],
  [
    'a node with a path',
    ['--monitor-nodes', 'https://a.example/x'],
    {},
    /--monitor-nodes: expected up to 16 addresses/,
  ],
  ['a node with a password', ['--monitor-nodes', 'https://u:p@a.example'], {}, /--monitor-nodes: expected up to 16/],
  [
    'a node of another kind',
    ['--monitor-nodes', 'https://a.example, ftp://b.example'],
    {},
    /--monitor-nodes: expected/,
  ],
] as const) {
  test(`refuses ${name}`, () => {
    assert.throws(() => loadConfiguration(['--home', bare, ...args], environment), {
      name: 'ConfigurationError',
      message,
    })
  })
}

for (const [name, text, message] of [
  ['an unknown key', '[http]\nprot = 1\n', /http\.prot in .*config\.toml is no setting; did you mean http\.port\?/],
  ['a text for a number', '[http]\nport = "a"\n', /http\.port in config\.toml: expected a whole number/],
  ['a number for a text', '[log]\nlevel = 3\n', /log\.level in config\.toml: expected a text/],
  ['what is no TOML', '[http\n', /config\.toml/],
] as const) {
  test(`refuses ${name} in the file`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'icn-config-'))
    try {
      writeFileSync(join(folder, 'config.toml'), text)
      assert.throws(() => loadConfiguration(['--home', folder], {}), { name: 'ConfigurationError', message })
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
}

test('the help of a command says how it is written, and lists every setting where they matter', () => {
  const help = commandHelp('start')
  assert.match(help, /^ {2}icn-node start {4}\[--home DIR\]/)
  for (const { key } of settings) assert.match(help, new RegExp(`^  --(?:\\[no-\\])?${flagName(key)} `, 'm'))
  assert.match(commandHelp('join'), /--prepare.*\n.*FILE\|URL.*\n +follow a network\n/)
  assert.match(commandHelp('backup'), /^ {2}icn-node backup .*\n\n.*icn-node start --help/)
  assert.equal(commandHelp('quux'), HELP)
})
