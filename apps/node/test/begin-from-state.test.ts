import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { toHex } from '@icn/crypto'
import type { JoinFile } from '@icn/http-api'
import { type Genesis, genesisHash, parseGenesis } from '@icn/protocol'
import { foundCooperative } from './cooperative.ts'
import { runNode, startProcess } from './node-process.ts'

const folder = mkdtempSync(join(tmpdir(), 'icn-from-state-'))
const at = (name: string) => join(folder, name)
const [old, backup, begun] = [at('old'), at('backup'), at('begun')]
const named = ['--name', 'North Federation', '--federation', 'Harbour Bakery']
let org = ''
let state: { readonly height: number; readonly appHash: string; readonly network: string }
before(async () => {
  const node = await startProcess(old)
  ;({ org } = await foundCooperative(node.url, node.network, 3))
  const busy = await runNode(['init', ...named, '--from', old, '--home', begun])
  assert.deepEqual([busy.code, existsSync(begun)], [3, false], 'a node that runs goes on from another state')
  assert.equal(await node.end('SIGTERM'), 0)
  const copied = await runNode(['backup', backup, '--home', old, '--json'])
  state = JSON.parse(copied.stdout)
})
after(() => rmSync(folder, { recursive: true, force: true }))

const genesisIn = (home: string) => parseGenesis(readFileSync(join(home, 'genesis.json'), 'utf8'))

test('a network begins with the state of another one, and its genesis says which', async () => {
  const unnamed = await runNode(['init', '--name', 'North Federation', '--from', old, '--home', begun])
  assert.match(unnamed.stderr, /^FEDERATION_UNNAMED: .*"Harbour Bakery" \(did:icn:.*nothing was changed/)
  assert.equal(existsSync(begun), false)
  const twice = ['--validator', `${genesisIn(old).validators[0]?.publicKey}=A`]
  const doubled = await runNode(['init', ...named, ...twice, ...twice, '--from', old, '--home', begun])
  assert.match(doubled.stderr, /no network can begin so, at \/validators/)
  assert.equal(existsSync(begun), false)

  const { code, stdout, stderr } = await runNode(['init', ...named, '--from', old, '--home', begun])
  assert.equal(code, 0, stderr)
  assert.match(stdout, new RegExp(`made of    ${state.network} after block ${state.height}; others join with --from`))
  assert.match(stdout, new RegExp(`decides    ${org}`))
  const { chainId, origin, params, validators } = genesisIn(begun)
  assert.notEqual(chainId, state.network)
  assert.deepEqual(origin, {
    chainId: state.network,
    genesisHash: toHex(genesisHash(genesisIn(old))),
    height: state.height,
    blockHash: origin?.blockHash,
    appHash: state.appHash,
    earlier: [],
    federation: org,
  })
  assert.deepEqual([params.maxValidators, validators.length], [100, 1])
  const files = ['config.toml', 'genesis.json', 'join.json', 'node-key.json', 'state.db', 'validator-key.json']
  assert.deepEqual(
    readdirSync(begun)
      .filter((name) => !/^(?:lock\.db|cometbft)/.test(name))
      .sort(),
    files,
  )
  const again = await runNode(['init', ...named, '--from', old, '--home', begun])
  assert.match(again.stderr, /^FOLDER_NOT_EMPTY: /)
  const next = await runNode(['init', '--name', 'Once more', '--from', begun, '--home', at('next')])
  assert.match(next.stderr, /^NOTHING_TO_CONTINUE: .* holds no block of the network /)
  assert.deepEqual([next.code, existsSync(at('next'))], [2, false])
})

test('who joins compares their own state with the genesis before anything is written', async () => {
  const file: JoinFile = JSON.parse(readFileSync(join(begun, 'join.json'), 'utf8'))
  const { origin } = file.genesis
  assert.ok(origin !== undefined)
  const peers = ['0'.repeat(40).concat('@127.0.0.1:26656')]
  const joining = (genesis: Genesis, from: string, home: string) => {
    writeFileSync(
      at('join.json'),
      JSON.stringify({ ...file, peers, genesis, genesisHash: toHex(genesisHash(genesis)) }),
    )
    return runNode(['join', at('join.json'), '--from', from, '--home', home, '--json'])
  }
  for (const [change, said] of [
    [{ genesisHash: 'a'.repeat(64) }, /is of the network icn-.*name a state of that network/],
    [{ height: origin.height + 1 }, /take an export of the operator who began it/],
    [{ height: origin.height - 1 }, /you have blocks that the new network leaves out/],
    [{ appHash: 'b'.repeat(64) }, /the state in .* is .*do not join/],
    [{ blockHash: 'c'.repeat(64) }, /the block in .* is .*do not join/],
  ] as const) {
    const refused = await joining({ ...file.genesis, origin: { ...origin, ...change } }, backup, at('joined'))
    assert.match(refused.stderr, /^OTHER_STATE: .*nothing was written/)
    assert.match(refused.stderr, said)
    assert.deepEqual([refused.code, existsSync(at('joined'))], [2, false])
  }
  const { origin: _, ...without } = file.genesis
  const useless = await joining(without, backup, at('joined'))
  assert.match(useless.stderr, /--from: .* is not made of the state of another network/)

  const joined = await joining(file.genesis, backup, at('joined'))
  assert.equal(joined.code, 0, joined.stderr)
  const report = JSON.parse(joined.stdout) as { stateHeight: number; isValidator: boolean }
  assert.deepEqual([report.stateHeight, report.isValidator], [state.height, false])
  assert.deepEqual(genesisIn(at('joined')), file.genesis)
  const verified = await runNode(['verify', '--home', at('joined')])
  assert.equal(verified.code, 0, verified.stderr)
})

test('a state that does not fit the genesis any more is not started on', async () => {
  const genesis = genesisIn(at('joined'))
  const altered = { ...genesis, origin: { ...genesis.origin, appHash: 'd'.repeat(64) } }
  writeFileSync(join(at('joined'), 'genesis.json'), JSON.stringify(altered))
  const refused = await runNode(['start', '--home', at('joined'), '--consensus-external', '--http-port', '0'])
  assert.match(refused.stderr, /OTHER_STATE: the folder holds the state .*join anew into an empty folder/)
  assert.equal(refused.code, 2)
})
