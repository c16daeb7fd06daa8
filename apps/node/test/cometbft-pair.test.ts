import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, test } from 'node:test'
import { COMETBFT_VERSION } from '@icn/consensus/cometbft'
import {
  createLocalNode,
  freePorts,
  isAlive,
  type LocalNetwork,
  type LocalNode,
  startNetwork,
  until,
} from '@icn/testkit/network'
import { setUpCometBft } from '../../../scripts/setup-cometbft.ts'
import { act, foundCooperative, newPerson, openProposal, type Person } from './cooperative.ts'
import { runNode } from './node-process.ts'

const setup = setUpCometBft({ quiet: true })
const skip = setup.ok ? false : setup.reason
let folder = ''
let network: LocalNetwork | undefined

/** A network of one validator, and its node. */
async function givenPair(): Promise<{ node: LocalNode; chainId: string; cometBftPid: number }> {
  folder = mkdtempSync(join(tmpdir(), 'icn-pair-'))
  network = await startNetwork({ folder, validators: 1, flags: ['--log-level', 'warn'] })
  const [node] = network.nodes as [LocalNode]
  const cometBftPid = node.cometBftPid()
  assert.ok(cometBftPid !== undefined && isAlive(cometBftPid))
  return { node, chainId: network.genesis.chainId, cometBftPid }
}

afterEach(async () => {
  await network?.stop()
  network = undefined
  rmSync(folder, { recursive: true, force: true })
})

const founding = (name: string) =>
  ({ kind: 'org.found', name, orgKind: 'cooperative', founderName: 'Ana', charter: {} }) as const

const isCommitted = async (url: string, hash: string) => (await fetch(`${url}/v1/transactions/${hash}`)).status === 200

test('a network of one validator takes a transaction, stops, and goes on where it was', { skip }, async () => {
  const { node, chainId, cometBftPid } = await givenPair()
  const first = await act(node.url(), chainId, newPerson(), founding('Bakery'))
  assert.equal(first.status, 200)
  assert.equal(await node.end('SIGTERM'), 0)
  assert.equal(isAlive(cometBftPid), false)
  assert.equal(node.cometBftPid(), undefined)
  const verified = await runNode(['verify', '--home', node.home, '--replay'])
  assert.equal(verified.code, 0, verified.stderr)
  await node.start()
  assert.ok(await isCommitted(node.url(), first.hash))
  assert.equal((await act(node.url(), chainId, newPerson(), founding('Mill'))).status, 200)
})

test('SIGKILL of the node ends its CometBFT too, and both start again', { skip }, async () => {
  const { node, chainId, cometBftPid } = await givenPair()
  const { hash } = await act(node.url(), chainId, newPerson(), founding('Bakery'))
  await node.end('SIGKILL')
  await until('the end of CometBFT', async () => !isAlive(cometBftPid))
  await node.start()
  assert.notEqual(node.cometBftPid(), cometBftPid)
  assert.ok(await isCommitted(node.url(), hash))
})

test('a CometBFT that hangs when its node is killed is found and ended by the next start', { skip }, async () => {
  const { node, chainId, cometBftPid } = await givenPair()
  process.kill(cometBftPid, 'SIGSTOP')
  await node.end('SIGKILL')
  assert.ok(isAlive(cometBftPid))
  await node.start()
  await until('the end of CometBFT', async () => !isAlive(cometBftPid))
  assert.match(node.log(), new RegExp(`"pid":${cometBftPid},"msg":"ended a CometBFT that an earlier process`))
  assert.equal((await act(node.url(), chainId, newPerson(), founding('Bakery'))).status, 200)
})

test('SIGKILL of CometBFT starts another one, and no acknowledged vote is lost', { skip }, async () => {
  const { node, chainId, cometBftPid } = await givenPair()
  const { org, people } = await foundCooperative(node.url(), chainId, 12)
  const proposal = await openProposal(node.url(), chainId, people[0] as Person, org)
  const acknowledged: string[] = []
  const again = until('another CometBFT', async () => node.cometBftPid() !== cometBftPid && node.cometBftPid())
  let over = false
  const voting = people.map(async (person) => {
    for (let isKnown = true; !over || !isKnown; ) {
      const ballot = person.sequence % 2 === 0 ? 'yes' : 'no'
      const vote = { kind: 'vote.cast', proposal, ballot, reason: '' } as const
      const { status, name, hash } = await act(node.url(), chainId, person, vote)
      // What CometBFT had taken when it was killed may be committed all the same; sent again it is a duplicate.
      isKnown = status === 200 || name === 'DUPLICATE'
      if (status !== 200 && isKnown) person.sequence++
      if (status === 200) acknowledged.push(hash)
    }
  })
  process.kill(cometBftPid, 'SIGKILL')
  const pid = await again
  const before = acknowledged.length
  await until('votes after the restart', async () => acknowledged.length > before + people.length)
  over = true
  await Promise.all(voting)
  assert.ok(pid !== undefined && isAlive(pid))
  for (const hash of acknowledged) assert.ok(await isCommitted(node.url(), hash), `the vote ${hash} is lost`)
  for (const { did, sequence } of people) {
    const answer = (await (await fetch(`${node.url()}/v1/signers/${did}`)).json()) as { sequence: number }
    assert.equal(answer.sequence, sequence)
  }
  assert.equal(await node.end('SIGTERM'), 0)
})

test('a node whose state cannot be written halts with 70, and its CometBFT is stopped', { skip }, async () => {
  const { node, cometBftPid } = await givenPair()
  const database = new DatabaseSync(join(node.home, 'state.db'))
  // A disk that fails: nobody else may write while this transaction stands.
  database.exec('PRAGMA busy_timeout = 10000; BEGIN IMMEDIATE')
  try {
    assert.equal(await node.ended(), 70)
    assert.equal(isAlive(cometBftPid), false)
  } finally {
    database.close()
  }
})

test('a port in use is named before anything starts', { skip }, async () => {
  const { node } = await givenPair()
  assert.equal(await node.end('SIGTERM'), 0)
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  for (const [flag, what] of [
    ['--cometbft-p2p-port', 'for other nodes'],
    ['--cometbft-rpc-port', 'the RPC of CometBFT'],
    ['--cometbft-metrics-port', 'its metrics'],
  ] as const) {
    const { code, stdout, stderr } = await runNode(['start', '--home', node.home, flag, String(port)])
    assert.deepEqual([code, stdout], [2, ''], stderr)
    assert.ok(
      stderr.includes(`PORT_IN_USE: 127.0.0.1:${port}, ${what}, cannot be used: another process has it.`),
      stderr,
    )
    assert.ok(stderr.includes(`or name another port with ${flag}`), stderr)
  }
  server.close()
})

test('a CometBFT that ends at once again and again ends the node with 69 and its last words', { skip }, async () => {
  const { node } = await givenPair()
  assert.equal(await node.end('SIGTERM'), 0)
  const binary = join(folder, 'cometbft-broken')
  const script = `#!/bin/sh\n[ "$1" = version ] && echo ${COMETBFT_VERSION} && exit\necho 'panic: the disk is full' >&2\nseq 99 >&2\nexit 1\n`
  writeFileSync(binary, script)
  chmodSync(binary, 0o755)
  const { code, stdout, stderr } = await runNode(['start', '--home', node.home, '--cometbft-binary', binary])
  assert.deepEqual([code, stdout], [69, ''], stderr)
  assert.match(stderr, /CometBFT ended 5 times soon after its start, the last time with 1:\npanic: the disk is full/)
})

test('a CometBFT whose consensus ended, and whose process did not, is ended and started again; then the node gives up', {
  skip,
}, async () => {
  const { node } = await givenPair()
  assert.equal(await node.end('SIGTERM'), 0)
  const binary = join(folder, 'cometbft-halted')
  const words = '{"_msg":"CONSENSUS FAILURE!!!","err":"no space left on device","level":"error"}'
  const version = `[ "$1" = version ] && echo ${COMETBFT_VERSION} && exit`
  writeFileSync(binary, `#!/bin/sh\n${version}\necho '${words}'\nexec sleep 60\n`)
  chmodSync(binary, 0o755)
  const { code, stdout, stderr } = await runNode(['start', '--home', node.home, '--cometbft-binary', binary])
  assert.deepEqual([code, stdout], [69, ''], stderr)
  assert.match(
    stderr,
    /CometBFT ended 5 times soon after its start, the last time with null:\n.*no space left on device/,
  )
})

/** CometBFT as an operator runs it. */
function runCometBft(home: string): { readonly pid: number; end(): Promise<void> } {
  const child = spawn(setup.ok ? setup.path : '', ['start', '--home', join(home, 'cometbft')], { stdio: 'ignore' })
  const exited = once(child, 'exit')
  const end = async () => {
    child.kill('SIGTERM')
    await exited
  }
  return { pid: child.pid ?? 0, end }
}

test('SIGTERM while CometBFT does not come up ends the node with 0', { skip }, async () => {
  const { node } = await givenPair()
  assert.equal(await node.end('SIGTERM'), 0)
  const binary = join(folder, 'cometbft-asleep')
  writeFileSync(
    binary,
    `#!/bin/sh\n[ "$1" = version ] && echo ${COMETBFT_VERSION} && exit\ntrap '' TERM\nexec sleep 60\n`,
  )
  chmodSync(binary, 0o755)
  const starting = node.start(['--cometbft-binary', binary])
  starting.catch(() => {})
  const pid = await until('the process', async () => node.cometBftPid())
  assert.equal(await node.end('SIGTERM'), 0)
  await assert.rejects(starting, /ended with 0 before it was ready/)
  await until('the end of CometBFT', async () => !isAlive(pid))
})

test('an operator may run CometBFT: the node listens, and goes on when it comes back', { skip }, async () => {
  const { node, chainId } = await givenPair()
  assert.equal(await node.end('SIGTERM'), 0)
  await node.start(['--consensus-external'])
  assert.equal(node.cometBftPid(), undefined)
  for (const name of ['Bakery', 'Mill']) {
    const comet = runCometBft(node.home)
    const isServing = async () => (await act(node.url(), chainId, newPerson(), founding(name))).status === 200
    await until('a committed transaction', isServing)
    await comet.end()
  }
  assert.equal((await act(node.url(), chainId, newPerson(), founding('Shop'))).status, 503)
  assert.equal(await node.end('SIGTERM'), 0)
})

test('a CometBFT that begins with another genesis halts the node with 2', { skip }, async () => {
  folder = mkdtempSync(join(tmpdir(), 'icn-pair-'))
  const home = join(folder, 'node')
  assert.equal((await runNode(['init', '--name', 'North', '--home', home])).code, 0)
  const [ports] = await freePorts(1)
  const numbers = ['--http-port', ports?.http, '--cometbft-p2p-port', ports?.p2p, '--cometbft-rpc-port', ports?.rpc]
  const node = createLocalNode(home, [...numbers.map(String), '--cometbft-metrics-port', '0', '--consensus-external'])
  await node.start()
  const genesis = join(home, 'cometbft', 'config', 'genesis.json')
  writeFileSync(genesis, readFileSync(genesis, 'utf8').replace(/"genesisHash": "\w{4}/, '"genesisHash": "0000'))
  const comet = runCometBft(home)
  assert.equal(await node.ended(), 2)
  assert.match(node.log(), /WRONG_GENESIS: .*What to do: run CometBFT on the folder cometbft/)
  await comet.end()
})

test('a node without the blocks of its state, or alone on the folder of a network, refuses to start', {
  skip,
}, async () => {
  const { node } = await givenPair()
  assert.equal(await node.end('SIGTERM'), 0)
  const alone = await runNode(['start', '--home', node.home, '--consensus-engine', 'solo'])
  assert.equal(alone.code, 2)
  assert.match(alone.stderr, /consensus\.engine: expected cometbft/)
  rmSync(join(node.home, 'cometbft', 'data'), { recursive: true })
  const lost = await runNode(['start', '--home', node.home])
  assert.equal(lost.code, 4)
  assert.match(lost.stderr, /the blocks of CometBFT are missing.* What to do: join the network with an empty folder/)
})
