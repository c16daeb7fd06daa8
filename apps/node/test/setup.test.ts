import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fromHex, publicKeyFromSeed } from '@icn/crypto'
import type { JoinFile } from '@icn/http-api'
import { didFromPublicKey } from '@icn/protocol'
import { takePorts } from '@icn/testkit/network'
import { runNode } from './node-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'icn-setup-'))
const first = join(folder, 'first')
let invitation: JoinFile
before(async () => {
  const flags = ['--cometbft-external-address', '127.0.0.1:26656', '--http-port', '7999']
  const { code, stdout, stderr } = await runNode([
    'init',
    '--name',
    'North Federation',
    '--home',
    first,
    ...flags,
    '--json',
  ])
  assert.equal(code, 0, stderr)
  invitation = JSON.parse(readFileSync(JSON.parse(stdout).joinFile, 'utf8'))
})
after(() => rmSync(folder, { recursive: true, force: true }))

let count = 0
/** Joins a new folder with what is made of the join file. */
async function joinWith(change: (file: JoinFile) => unknown, flags: readonly string[] = []) {
  const file = join(folder, `join-${++count}.json`)
  const home = join(folder, `home-${count}`)
  const given = change(structuredClone(invitation))
  writeFileSync(file, typeof given === 'string' ? given : JSON.stringify(given))
  return { ...(await runNode(['join', file, '--home', home, ...flags])), home }
}

test('init makes keys, a genesis with this node as validator, settings that were given, and a join file', () => {
  assert.deepEqual(readdirSync(first).sort(), [
    'cometbft',
    'config.toml',
    'founder-key',
    'genesis.json',
    'join.json',
    'lock.db',
    'node-key.json',
    'validator-key.json',
  ])
  const genesis = JSON.parse(readFileSync(join(first, 'genesis.json'), 'utf8'))
  const { publicKey } = JSON.parse(readFileSync(join(first, 'validator-key.json'), 'utf8'))
  assert.deepEqual(genesis.validators, [{ name: 'North Federation', publicKey, power: 1 }])
  assert.match(readFileSync(join(first, 'config.toml'), 'utf8'), /\[http\]\nport = 7999/)
  assert.match(invitation.peers[0] ?? '', /^[0-9a-f]{40}@127\.0\.0\.1:26656$/)
  assert.deepEqual(invitation.genesis, genesis)
})

test('init founds a federation: by a key that it makes, or by whoever is named', async () => {
  const { federation, params } = invitation.genesis
  const secret = readFileSync(join(first, 'founder-key'), 'utf8').trim()
  const did = didFromPublicKey(publicKeyFromSeed(fromHex(secret)))
  assert.deepEqual(federation, { name: 'North Federation', members: [{ did, name: 'Founder' }] })
  assert.equal(params.maxValidators, 100)
  assert.equal(statSync(join(first, 'founder-key')).mode & 0o777, 0o600)
  const home = join(folder, 'named')
  const init = ['init', '--name', 'North', '--home', home, '--json', '--founder']
  const { code, stdout, stderr } = await runNode([...init, `${did}=Ana`])
  assert.equal(code, 0, stderr)
  const { founder, founderKey } = JSON.parse(stdout)
  assert.deepEqual([founder, founderKey, existsSync(join(home, 'founder-key'))], [did, null, false])
  const { federation: named } = JSON.parse(readFileSync(join(home, 'genesis.json'), 'utf8'))
  assert.deepEqual(named.members, [{ did, name: 'Ana' }])
  for (const wrong of ['ana', 'did:icn:icn-aaaaaaaa:k3j5x2', `${did}=`]) {
    const refused = await runNode([...init.with(4, join(folder, 'wrong')), wrong])
    assert.equal(refused.code, 2, wrong)
  }
  const long = await runNode(['init', '--name', 'x'.repeat(121), '--home', join(folder, 'wrong')])
  assert.deepEqual([long.code, long.stdout], [2, ''])
  assert.match(long.stderr, /\/name: expected a text of 1 to 120 characters/)
  assert.equal(existsSync(join(folder, 'wrong')), false)
})

test('a network begins with validators of other operators, whose keys are made before it', async () => {
  const homes = ['south', 'hill'].map((name) => join(folder, name))
  const keys = await Promise.all(
    homes.map(async (home) => {
      const { code, stdout, stderr } = await runNode(['join', '--prepare', '--home', home, '--json'])
      assert.equal(code, 0, stderr)
      return JSON.parse(stdout) as { publicKey: string; nodeId: string }
    }),
  )
  const [south = '', hill = ''] = keys.map(({ publicKey }) => publicKey)
  assert.equal(
    JSON.parse((await runNode(['join', '--prepare', '--home', `${homes[0]}`, '--json'])).stdout).publicKey,
    south,
  )
  assert.match((await runNode(['start', '--home', `${homes[0]}`, '--http-port', '0'])).stderr, /^JOIN_UNFINISHED: /)

  const home = join(folder, 'north')
  const init = ['init', '--name', 'North', '--home', home, '--cometbft-external-address', '127.0.0.1:26656']
  for (const wrong of [['z6Mk'], [hill, hill], [`${hill}=`], [`z6Mk${'1'.repeat(44)}`]]) {
    const refused = await runNode([...init, ...wrong.map((key) => `--validator=${key}`)])
    assert.deepEqual([refused.code, existsSync(home)], [2, false], wrong.join())
  }
  const begun = await runNode([...init, '--validator', `${south}=South Bakery`, '--validator', hill, '--json'])
  assert.equal(begun.code, 0, begun.stderr)
  const file = join(home, 'join.json')
  const { genesis } = JSON.parse(readFileSync(file, 'utf8')) as JoinFile
  assert.deepEqual(
    genesis.validators.map(({ name, publicKey, power }) => [name, publicKey, power]),
    [
      ['North', JSON.parse(begun.stdout).publicKey, 1],
      ['South Bakery', south, 1],
      ['Validator 3', hill, 1],
    ],
  )
  const joined = await runNode(['join', file, '--home', `${homes[0]}`])
  assert.equal(joined.code, 0, joined.stderr)
  assert.match(joined.stdout, new RegExp(`key +${south}: the genesis names this node as a validator`))
  const late = await runNode(['join', '--prepare', '--home', `${homes[0]}`])
  assert.match(late.stderr, /^FOLDER_NOT_EMPTY: /)
})

test('the settings of a network show where they come from', async () => {
  const { stdout } = await runNode(['config', '--home', first, '--json'])
  const settings = JSON.parse(stdout).settings as { key: string; value: unknown; origin: string }[]
  const of = (key: string) => settings.find((own) => own.key === key)
  assert.deepEqual([of('consensus.engine')?.value, of('consensus.engine')?.origin], ['cometbft', 'config.toml'])
  const bare = join(folder, 'bare')
  mkdirSync(join(bare, 'cometbft'), { recursive: true })
  const other = JSON.parse((await runNode(['config', '--home', bare, '--json'])).stdout).settings as typeof settings
  const engine = other.find(({ key }) => key === 'consensus.engine')
  assert.deepEqual([engine?.value, engine?.origin], ['cometbft', 'data folder'])
})

test('join keeps the genesis and the peers, with keys of its own', async () => {
  const { code, home, stdout } = await joinWith(
    (file) => file,
    ['--genesis-hash', invitation.genesisHash.toUpperCase()],
  )
  assert.equal(code, 0)
  assert.match(stdout, /follows as an observer/)
  assert.equal(readFileSync(join(home, 'genesis.json'), 'utf8'), readFileSync(join(first, 'genesis.json'), 'utf8'))
  assert.notEqual(
    readFileSync(join(home, 'validator-key.json'), 'utf8'),
    readFileSync(join(first, 'validator-key.json'), 'utf8'),
  )
  assert.ok(readFileSync(join(home, 'config.toml'), 'utf8').includes(`peers = "${invitation.peers[0]}"`))
})

for (const [name, change, flags, said] of [
  [
    'another genesis than the file names',
    (file: JoinFile) => ({ ...file, genesisHash: 'ab'.repeat(32) }),
    [],
    /^WRONG_GENESIS: .*the file itself says.* What to do: /,
  ],
  [
    'another genesis than expected',
    (file: JoinFile) => file,
    ['--genesis-hash', 'cd'.repeat(32)],
    /^WRONG_GENESIS: .*you expect cdcd/,
  ],
  [
    'a genesis that was changed',
    (file: JoinFile) => ({ ...file, genesis: { ...file.genesis, timeMs: 1 } }),
    [],
    /^WRONG_GENESIS/,
  ],
  [
    'an invitation that has expired',
    (file: JoinFile) => ({ ...file, expires: '2020-01-01T00:00:00Z' }),
    [],
    /^JOIN_EXPIRED: .*2020-01-01.* What to do: ask/,
  ],
  ['no peer', (file: JoinFile) => ({ ...file, peers: [] }), [], /^NO_PEER: .*names no node.* What to do: /],
  [
    'a peer without an address',
    (file: JoinFile) => ({ ...file, peers: [`${'a'.repeat(40)}@:26656`] }),
    [],
    /^NO_PEER: .*has no address/,
  ],
  [
    'a version that does not fit',
    (file: JoinFile) => ({ ...file, cometbft: '1.0.1' }),
    [],
    /^COMETBFT_VERSION: the network runs CometBFT 1\.0\.1/,
  ],
  ['what is no JSON', () => 'hello', [], /^JOIN_MALFORMED: .* What to do: ask/],
  ['what is no join file', () => ({ hello: 1 }), [], /^JOIN_MALFORMED/],
  ['null', () => 'null', [], /^JOIN_MALFORMED/],
  ['a genesis that is none', (file: JoinFile) => ({ ...file, genesis: { chainId: 'x' } }), [], /^JOIN_MALFORMED/],
  ['an unknown setting', (file: JoinFile) => file, ['--http-prot', '1'], /did you mean --http-port/],
] as const) {
  test(`join refuses ${name} and writes nothing`, async () => {
    const { code, stdout, stderr, home } = await joinWith(change, flags)
    assert.deepEqual([code, stdout], [2, ''], stderr)
    assert.match(stderr, said)
    assert.equal(existsSync(home), false)
  })
}

test('join refuses a file that is not there, and a node that is not', async () => {
  const home = join(folder, 'nowhere')
  const missing = await runNode(['join', join(folder, 'no-such-file'), '--home', home])
  assert.deepEqual([missing.code, /^JOIN_MALFORMED: .*ENOENT/.test(missing.stderr)], [2, true], missing.stderr)
  const away = await runNode(['join', 'http://127.0.0.1:1', '--home', home])
  assert.deepEqual([away.code, /^PEER_UNREACHABLE: .* What to do: /.test(away.stderr)], [2, true], away.stderr)
  assert.equal((await runNode(['join', '--home', home])).code, 2)
  assert.equal(existsSync(home), false)
})

test('join by address takes the host of the address for a node that names none', async () => {
  const text = JSON.stringify({ ...invitation, peers: [`${'b'.repeat(40)}@:26656`] })
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/v1/network/join' ? 200 : 404
    response.end(text)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const home = join(folder, 'by-address')
  const { port } = server.address() as AddressInfo
  const { code, stderr } = await runNode(['join', `http://127.0.0.1:${port}/`, '--home', home])
  server.close()
  assert.equal(code, 0, stderr)
  assert.ok(readFileSync(join(home, 'config.toml'), 'utf8').includes(`${'b'.repeat(40)}@127.0.0.1:26656`))
})

/** Everything in a folder, so that a refusal can be seen to change nothing. */
const dump = (home: string) =>
  readdirSync(home)
    .filter((name) => !name.startsWith('lock.db') && name !== 'cometbft')
    .sort()
    .map((name) => [name, readFileSync(join(home, name), 'utf8')])

for (const [name, prepare, args, said] of [
  ['init over a network', () => first, ['init', '--name', 'Other'], /^FOLDER_NOT_EMPTY: .*genesis\.json/],
  ['init without a name', () => first, ['init'], /--name: expected a name/],
  [
    'join over another network',
    otherNetwork,
    ['join', 'JOIN'],
    /^OTHER_NETWORK: .*belongs to the network icn-.* What to do: /,
  ],
  [
    'join over files of somebody else',
    () => folderWith('photos.zip', 'x'),
    ['join', 'JOIN'],
    /^FOLDER_NOT_EMPTY: .*photos\.zip/,
  ],
  [
    'join over settings of somebody else',
    () => folderWith('config.toml', '[http]\nport = 1\n'),
    ['join', 'JOIN'],
    /^FOLDER_NOT_EMPTY: .*config\.toml/,
  ],
] as const) {
  test(`refused: ${name}; the folder stays as it is`, async () => {
    const home = await prepare()
    const before = dump(home)
    const words = args.map((word) => (word === 'JOIN' ? join(first, 'join.json') : word))
    const { code, stderr } = await runNode([...words, '--home', home])
    assert.equal(code, 2, stderr)
    assert.match(stderr, said)
    assert.deepEqual(dump(home), before)
  })
}

async function otherNetwork(): Promise<string> {
  const home = join(folder, 'other-network')
  assert.equal((await runNode(['init', '--name', 'South', '--home', home])).code, 0)
  return home
}

function folderWith(name: string, text: string): string {
  const home = mkdtempSync(join(folder, 'with-'))
  writeFileSync(join(home, name), text)
  return home
}

test('an attempt that did not come to its end is no network, and the next one goes on with its keys', async () => {
  const { home } = await joinWith((file) => file)
  const key = readFileSync(join(home, 'validator-key.json'), 'utf8')
  rmSync(join(home, 'genesis.json'))
  const started = await runNode(['start', '--home', home, '--http-port', '0'])
  assert.equal(started.code, 2)
  assert.match(started.stderr, /^JOIN_UNFINISHED: .* What to do: run icn network init or icn network join once more/)
  assert.equal((await runNode(['join', join(first, 'join.json'), '--home', home])).code, 0)
  assert.equal(readFileSync(join(home, 'validator-key.json'), 'utf8'), key)
})

test('a start without CometBFT, or with another version of it, says what to do', async () => {
  const { home } = await joinWith((file) => file)
  const [p2p, rpc, metrics] = await takePorts(3)
  const ports = [`--cometbft-p2p-port=${p2p}`, `--cometbft-rpc-port=${rpc}`, `--cometbft-metrics-port=${metrics}`]
  ports.push('--http-port=0')
  const missing = await runNode(['start', '--home', home, ...ports, '--cometbft-binary', join(folder, 'none')])
  assert.equal(missing.code, 2)
  assert.match(missing.stderr, /^COMETBFT_NOT_BUILT: .* What to do: npm run setup:cometbft/)
  const binary = join(folder, 'cometbft-old')
  writeFileSync(binary, '#!/bin/sh\necho 0.37.2\n')
  chmodSync(binary, 0o755)
  const old = await runNode(['start', '--home', home, ...ports, '--cometbft-binary', binary])
  assert.equal(old.code, 2)
  assert.match(old.stderr, /^COMETBFT_WRONG_VERSION: .*0\.37\.2, expected 0\.38\.\d+\. What to do: /)
})
