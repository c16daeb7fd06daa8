import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { chainIdsOf, type Genesis } from '@icn/protocol'
import { freePorts, type LocalNetwork, type LocalNode, type NodePorts, startNetwork, until } from '@icn/testkit/network'
import { setUpCometBft } from '../../../scripts/setup-cometbft.ts'
import { ICN_PY, preparePython } from '../../../vectors/python-environment.ts'
import { act, newPerson } from '../../node/test/cooperative.ts'
import { runNode } from '../../node/test/node-process.ts'
import { commandOver } from './harness.ts'
import { openOperators, settingsOf } from './operators.ts'

// docs/operating.md, "A quorum is lost", as operators go through it where the keys of two of four validators are gone.
const setup = setUpCometBft({ quiet: true })
const skip = setup.ok ? false : setup.reason
const { folder, start, endAfter } = openOperators('renewing')
const wallet = join(folder, 'wallet')
const at = (name: string) => join(folder, name)
const { done, icn } = commandOver(wallet, 'http://127.0.0.1:1')
const read = async <T>(node: LocalNode, path: string): Promise<T> =>
  (await (await fetch(`${node.url()}${path}`)).json()) as T
const over = (node: LocalNode) => commandOver(wallet, node.url())

interface Facts {
  readonly height: number
  readonly appHash: string
  readonly network: string
  readonly genesisHash: string
  readonly origin?: { readonly network: string; readonly height: number; readonly appHash: string }
}
const factsOf = (node: LocalNode) => read<Facts>(node, '/v1/network')

let network: LocalNetwork
let old: Facts
let ports: NodePorts[]
/** Of the bakery: one that was decided before, and one on which half of the votes are cast. */
let decided = ''
let underWay = ''
/** The state that is furthest, in three forms. */
const [backup, exported] = [at('backup'), at('state.icn')]
let furthest = ''
before(async () => {
  if (skip !== false) return
  ports = (await freePorts(4)) as NodePorts[]
  network = await startNetwork({ folder, validators: 4, flags: ['--consensus-idle-ms', '1000', '--log-level', 'warn'] })
  endAfter(network.nodes)
  const [first, second] = network.nodes as [LocalNode, LocalNode]
  const on = over(first)
  await on.done('key', 'import', 'ana', '--secret', at('founder-key'), '--no-passphrase')
  await on.done('key', 'new', 'ben', '--no-passphrase')
  await on.done('key', 'new', 'carla', '--no-passphrase')
  await on.done('org', 'found', 'South Bakery', '--as', 'ben')
  const { code } = await on.done('member', 'invite', '--org', 'South Bakery', '--as', 'ben')
  await on.done('member', 'apply', String(code), '--name', 'Carla', '--as', 'carla')
  const propose = async (title: string, seconds: number) =>
    String(
      (
        await on.done(
          'proposal',
          'new',
          '--org',
          'South Bakery',
          '--title',
          title,
          '--voting',
          `${seconds}s`,
          '--as',
          'ben',
        )
      ).proposal,
    )
  decided = await propose('Open on Sundays', 8)
  await on.done('vote', decided, 'yes', '--as', 'ben')
  await until(
    'the decision',
    async () => (await read<{ status: string }>(first, `/v1/proposals/${decided}`)).status === 'passed',
  )
  await on.done('audit', 'export', decided, at('old.icn'))
  underWay = await propose('A new oven', 100)
  await on.done('vote', underWay, 'yes', '--as', 'ben')

  const lost = network.nodes.slice(2)
  await Promise.all(lost.map((node) => node.end('SIGKILL')))
  for (const { home } of lost) rmSync(home, { recursive: true })
  // What came before may still be decided; after that no block comes for as long as anybody waits.
  const height = async () => (await factsOf(first)).height
  for (let seen = -1; seen !== (await height()); await new Promise((resolve) => setTimeout(resolve, 2_500)))
    seen = await height()
  await Promise.all([first.end('SIGTERM'), second.end('SIGTERM')])
  const [one, two] = await Promise.all(
    [first, second].map((node, index) => done('backup', `${backup}-${index}`, '--home', node.home)),
  )
  furthest = Number(one?.height) >= Number(two?.height) ? first.home : second.home
  old = (await done('backup', backup, '--home', furthest)) as unknown as Facts
  await done('export', exported, '--home', furthest)
})

/** Refused by this name, with what to do; the folder is not there, or holds what it held. */
async function refuses(name: string, said: RegExp, home: string, ...words: string[]): Promise<void> {
  const held = existsSync(home) ? readdirSync(home).sort() : undefined
  const { code, stdout } = await icn([...words, '--home', home, '--json'])
  assert.equal(code, name === 'USAGE' ? 2 : name === 'UNAVAILABLE' ? 3 : 1, stdout)
  const { error } = JSON.parse(stdout) as { error: { name: string; message: string; hint: string } }
  assert.equal(error.name, name)
  assert.match(`${error.message} ${error.hint}`, said)
  const holds = existsSync(home) ? readdirSync(home).sort() : undefined
  assert.deepEqual(
    holds?.filter((file) => !file.startsWith('lock.db')),
    held?.filter((file) => !file.startsWith('lock.db')),
  )
}

test('two of four validators are lost for ever: those who are left and a newcomer go on in a new network of the same state', {
  skip,
}, async () => {
  const [own, ...others] = ports.slice(0, 3) as [NodePorts, NodePorts, NodePorts]
  const [first, second, third] = [at('new1'), at('new2'), at('new3')] as const
  const named = ['network', 'init', '--name', 'Renewed Federation']
  await refuses('NO_STATE', /not there.*backup/, first, ...named, '--from', at('nowhere'))
  await refuses('NOT_AN_ARCHIVE', /./, first, ...named, '--from', join(furthest, 'config.toml'))
  cpSync(backup, at('altered'), { recursive: true })
  const page = readFileSync(join(at('altered'), 'state.db'))
  page[page.length - 100] = 1 ^ Number(page[page.length - 100])
  writeFileSync(join(at('altered'), 'state.db'), page)
  await refuses('ALTERED', /state\.db.*another copy/, first, ...named, '--from', at('altered'))
  await refuses(
    'FEDERATION_SETTLED',
    /leave out --federation/,
    first,
    ...named,
    '--from',
    backup,
    '--federation',
    'South Bakery',
  )

  const founded = ['--from', backup, '--founder', `did:key:${newPerson().keyId}`]
  await refuses('USAGE', /state of --from says who decides/, first, ...named, ...founded)

  const keys = await Promise.all(
    [second, third].map(async (home) => String((await done('network', 'join', '--prepare', '--home', home)).publicKey)),
  )
  const validators = ['--validator', `${keys[0]}=South Bakery`, `${keys[1]}=Newcomer`]
  const begun = await done(
    ...named,
    '--from',
    backup,
    ...validators,
    '--home',
    first,
    ...settingsOf(own),
    'snapshots.blocks=20',
  )
  assert.deepEqual(begun.origin, { network: old.network, height: old.height, appHash: old.appHash })
  assert.notEqual(begun.network, old.network)
  const trusted = ['--genesis-hash', String(begun.genesisHash)]
  const joinFile = ['network', 'join', String(begun.joinFile), ...trusted]

  await refuses('NEEDS_STATE', /--from.*--sync/, second, ...joinFile)
  await refuses('USAGE', /not with both/, second, ...joinFile, '--from', backup, '--sync', 'http://127.0.0.1:1')
  const empty = at('another')
  await commandOver(wallet, '').done('network', 'init', '--name', 'Another', '--home', empty)
  await refuses('NO_STATE', /state\.db is not there/, second, ...joinFile, '--from', empty)
  // One operator joins with their own copy, the newcomer with what somebody gave them; both compare it with the genesis.
  for (const [index, home] of [second, third].entries()) {
    const state = index === 0 ? furthest : exported
    const joined = await done(
      ...joinFile,
      '--from',
      state,
      '--home',
      home,
      ...settingsOf(others[index] as NodePorts),
      'snapshots.blocks=20',
    )
    assert.deepEqual([joined.isValidator, joined.stateHeight], [true, old.height])
  }
  const nodes = await Promise.all([first, second, third].map(start))
  const [one, two] = nodes as [LocalNode, LocalNode, LocalNode]
  interface Validator {
    readonly name: string
    readonly status: string
    readonly isSigning?: boolean | null
  }
  const signers = async () =>
    (await read<{ validators: Validator[] }>(one, '/v1/network/status')).validators.filter(({ isSigning }) => isSigning)
  await until('three who sign', async () => (await signers()).length === 3, 60_000)
  // Their votes are heard while the first block, which makes them validators, is still executed.
  await until('the first block', async () => (await factsOf(one)).height > old.height)
  const { items } = await read<{ items: Validator[] }>(one, '/v1/network/validators')
  assert.deepEqual(items.map(({ name, status }) => `${name} ${status}`).sort(), [
    'Newcomer active',
    'Renewed Federation active',
    'South Bakery active',
    ...[1, 2, 3, 4].map((number) => `Validator ${number} removed`),
  ])
  const facts = await factsOf(two)
  assert.deepEqual(
    [facts.origin?.network, facts.origin?.height, facts.origin?.appHash],
    [old.network, old.height, old.appHash],
  )

  // The other half of the votes, and the count, in the new network; what is signed for the old one counts for nothing.
  const on = over(two)
  const stranger = newPerson()
  const founding = {
    kind: 'org.found',
    name: 'Hill Mill',
    orgKind: 'cooperative',
    founderName: 'Dan',
    charter: {},
  } as const
  assert.equal((await act(one.url(), old.network, stranger, founding)).name, 'BAD_SIGNATURE')
  assert.equal((await act(one.url(), facts.network, stranger, founding)).status, 200)
  await on.done('vote', underWay, 'yes', '--as', 'carla')
  const isPassed = async () => (await read<{ status: string }>(one, `/v1/proposals/${underWay}`)).status === 'passed'
  await until('the count', isPassed, 150_000)
  for (const [proposal, turnout] of [
    [underWay, 2],
    [decided, 1],
  ] as const) {
    const bundle = at(`${proposal}.icn`)
    await on.done('audit', 'export', proposal, bundle)
    const { ok, result } = (await on.done('audit', 'verify', bundle)) as unknown as {
      ok: boolean
      result: { network: string; genesisHash: string; turnout: number }
    }
    assert.deepEqual(
      [ok, result.network, result.genesisHash, result.turnout],
      [true, facts.network, facts.genesisHash, turnout],
    )
  }
  const before = (await done('audit', 'verify', at('old.icn'))) as unknown as { ok: boolean; result: Facts }
  assert.deepEqual([before.ok, before.result.network, before.result.genesisHash], [true, old.network, old.genesisHash])

  const height = (await factsOf(one)).height
  const roots = await Promise.all(
    nodes.map(async (node) => {
      await until(`block ${height}`, async () => (await factsOf(node)).height >= height)
      return (await read<Facts>(node, `/v1/blocks/${height}`)).appHash
    }),
  )
  assert.equal(new Set(roots).size, 1)
  const { stdout } = await on.icn(['network', 'status'])
  assert.match(stdout, new RegExp(`made of +${old.network} after block ${old.height}`))

  // Whoever comes later has neither state nor blocks of before, and begins with a snapshot.
  const last = at('later')
  const joined = await done(
    'network',
    'join',
    one.url(),
    ...trusted,
    '--sync',
    one.url(),
    '--home',
    last,
    ...settingsOf(ports[3] as NodePorts),
  )
  assert.ok(Number(joined.trustedHeight) > old.height)
  const later = await start(last)
  await until('the snapshot', async () => (await factsOf(later)).height >= height, 60_000)

  for (const node of nodes) assert.equal(await node.end('SIGTERM'), 0)
  const verified = await runNode(['verify', '--home', first])
  assert.deepEqual([verified.code, verified.stdout.match(/^ok/gm)?.length], [0, 3], verified.stderr)
  const replayed = await runNode(['verify', '--home', first, '--replay'])
  assert.match(replayed.stderr, new RegExp(`^NOT_KEPT: blocks up to ${old.height} are of the network ${old.network}`))
  // A network that is made of that one in turn knows both.
  const another = await done('network', 'init', '--name', 'Once more', '--from', first, '--home', at('once-more'))
  const { genesis } = JSON.parse(readFileSync(String(another.joinFile), 'utf8')) as { genesis: Genesis }
  assert.deepEqual(chainIdsOf(genesis), [another.network, facts.network, old.network])
  // The folders of before are as they were.
  assert.equal((await runNode(['verify', '--home', furthest, '--replay'])).code, 0)
})

const python = preparePython()
const noPython = 'skip' in python ? python.skip : false
test('another implementation verifies the bundles of both networks', { skip: skip === false ? noPython : skip }, () => {
  for (const name of ['old.icn', `${decided}.icn`, `${underWay}.icn`]) {
    const { status, stdout, stderr } = spawnSync(
      'python' in python ? python.python : '',
      [ICN_PY, 'verify-bundle', at(name)],
      {
        encoding: 'utf8',
      },
    )
    assert.equal(status, 0, `${name}: ${stdout}${stderr}`)
  }
})
