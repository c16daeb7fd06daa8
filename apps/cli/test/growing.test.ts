import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { validatorAddress } from '@icn/protocol'
import { freePorts, type LocalNode, type NodePorts, startNetwork, until } from '@icn/testkit/network'
import { setUpCometBft } from '../../../scripts/setup-cometbft.ts'
import { commandOver } from './harness.ts'
import { openOperators, settingsOf } from './operators.ts'

const setup = setUpCometBft({ quiet: true })
const skip = setup.ok ? false : setup.reason
const { folder, start, endAfter } = openOperators('growing')

const read = async <T>(node: LocalNode, path: string): Promise<T> =>
  (await (await fetch(`${node.url()}${path}`)).json()) as T

interface Validator {
  readonly name: string
  readonly publicKey: string
}
const votersAt = async (node: LocalNode) => (await read<{ validators: Validator[] }>(node, '/v1/network')).validators

interface Status {
  readonly validators: readonly { readonly publicKey: string; readonly isSigning: boolean | null }[]
}

type Command = ReturnType<typeof commandOver>

/** Ana proposes something and votes for it. Answers the proposal, once it has become what it was to become. */
async function decide(
  { done, icn }: Command,
  node: LocalNode,
  words: readonly string[],
  status: string,
): Promise<string> {
  // A slow machine takes its time from the proposal to the ballot.
  for (let seconds = 4; ; seconds *= 2) {
    const proposal = String((await done(...words, '--voting', `${seconds}s`, '--as', 'ana')).proposal)
    const { code } = await icn(['vote', proposal, 'yes', '--as', 'ana'])
    if (code !== 0 && seconds < 60) continue
    const isSo = async () => (await read<{ status: string }>(node, `/v1/proposals/${proposal}`)).status === status
    await until(`${proposal} to be ${status}`, isSo, 60_000)
    return proposal
  }
}

interface Verdict {
  readonly ok: boolean
  readonly checks: readonly { readonly name: string; readonly detail: string }[]
}

/** Decides something, and answers what the checks of its audit bundle said. */
async function provedAnew(command: Command, node: LocalNode): Promise<ReadonlyMap<string, string>> {
  const { items } = (await command.done('org', 'list')) as unknown as {
    items: readonly { did: string; kind: string }[]
  }
  const federation = items.find(({ kind }) => kind === 'federation')
  const asking = ['proposal', 'new', '--org', String(federation?.did), '--title', 'Bread']
  const proposal = await decide(command, node, asking, 'passed')
  const file = join(folder, `${proposal}.icn`)
  await command.done('audit', 'export', proposal, file)
  const { ok, checks } = (await command.done('audit', 'verify', file)) as unknown as Verdict
  assert.ok(ok)
  return new Map(checks.map(({ name, detail }) => [name, detail]))
}

test('an operator begins a network, another one joins it and becomes a validator by decision', { skip }, async () => {
  const [first, second] = (await freePorts(2)) as [NodePorts, NodePorts]
  const homes = [join(folder, 'north'), join(folder, 'south')] as const
  const url = `http://127.0.0.1:${first.http}`
  const north = commandOver(join(folder, 'wallet'), url)
  await north.done('key', 'new', 'ana', '--no-passphrase')
  const named = ['--name', 'North Federation', '--as', 'ana', '--home', homes[0]]
  const begun = await north.done('network', 'init', ...named, ...settingsOf(first))
  assert.equal(begun.founder, (await north.done('key', 'show', 'ana', '--founding')).did)
  assert.equal(begun.founderKey, null)
  const one = await start(homes[0])

  const trusted = ['--genesis-hash', String(begun.genesisHash), '--home', homes[1]]
  const joined = await north.done('network', 'join', url, ...trusted, ...settingsOf(second))
  const two = await start(homes[1])
  const south = commandOver(join(folder, 'wallet'), two.url())
  await south.done('key', 'new', 'ben', '--no-passphrase')
  await south.done('org', 'found', 'South Bakery', '--as', 'ben')
  const key = String(joined.publicKey)
  const about = ['--name', 'south-1', '--role', 'validator', '--as', 'ben']
  const id = String((await south.done('node', 'register', '--org', 'South Bakery', '--key', key, ...about)).node)
  assert.equal(await two.end('SIGTERM'), 0)
  await two.start(['--node-id', id])
  await until(
    'the first heartbeat',
    async () => (await read<{ status: string }>(two, `/v1/network/nodes/${id}`)).status === 'active',
  )
  assert.deepEqual(
    (await votersAt(two)).map(({ name }) => name),
    ['North Federation'],
  )

  await decide(north, one, ['validator', 'propose', id], 'executed')
  for (const node of [one, two]) {
    const signers = async () => {
      const { validators } = await read<Status>(node, '/v1/network/status')
      return validators.filter(({ isSigning }) => isSigning === true).map(({ publicKey }) => publicKey)
    }
    await until('two who sign', async () => (await signers()).length === 2)
    assert.ok((await signers()).includes(key))
    assert.equal((await votersAt(node)).length, 2)
  }
  const { stdout } = await north.icn(['network', 'status'])
  assert.match(stdout, /North Federation/)
  assert.match(stdout, /south-1/)
  // By the node that came last: it leads from the genesis to a block that two signed.
  const details = await provedAnew(south, two)
  assert.match(String(details.get('commit signatures')), /by 2 of 2$/)
})

test('a validator removed by decision signs no more, and what is decided after that is proved from the genesis', {
  skip,
}, async () => {
  const network = await startNetwork({
    folder: join(folder, 'three'),
    validators: 3,
    flags: ['--consensus-idle-ms', '1000', '--log-level', 'warn'],
  })
  endAfter(network.nodes)
  const [one, two, three] = network.nodes as [LocalNode, LocalNode, LocalNode]
  const over = commandOver(join(folder, 'founder'), one.url())
  const secret = join(folder, 'three', 'founder-key')
  await over.done('key', 'import', 'ana', '--secret', secret, '--no-passphrase')
  const { publicKey } = (await votersAt(one)).find(({ name }) => name === 'Validator 3') as Validator
  const removing = (key: string) => ['validator', 'remove', validatorAddress(key), '--reason', 'It moves.']
  await decide(over, one, removing(publicKey), 'executed')
  for (const node of [one, two, three]) {
    await until('two who sign', async () => {
      const { validators } = await read<Status>(node, '/v1/network/status')
      return validators.length === 2 && validators.every(({ isSigning }) => isSigning === true)
    })
    assert.ok((await votersAt(node)).every((voter) => voter.publicKey !== publicKey))
  }
  // The block after the decision it still had to sign. Then it follows on, and nobody needs it.
  const heightOf = async () => (await read<{ height: number }>(two, '/v1/network')).height
  const height = await heightOf()
  await until('the first block without it', async () => (await heightOf()) >= height + 2)
  assert.equal(await three.end('SIGTERM'), 0)
  const details = await provedAnew(over, one)
  assert.match(String(details.get('validator changes')), /^[1-9]\d* on the way/)
  assert.match(String(details.get('commit signatures')), /by 2 of 2$/)

  const [other] = await votersAt(two)
  const second = await decide(over, one, removing(String(other?.publicKey)), 'exec_failed')
  assert.match(JSON.stringify(await read(one, `/v1/proposals/${second}`)), /POWER_CHANGE_TOO_LARGE/)
  assert.equal((await votersAt(one)).length, 2)
})
