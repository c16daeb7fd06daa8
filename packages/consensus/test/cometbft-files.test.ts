import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { fromHex, sha256, toHex } from '@icn/crypto'
import { genesisHash, validatorAddress } from '@icn/protocol'
import { givenNetwork } from '../../testkit/src/given-network.ts'
import { withoutCometbft } from '../../testkit/src/kvstore-network.ts'
import {
  COMETBFT_VERSION,
  cometBftBinary,
  cometConfig,
  cometGenesis,
  hasSigned,
  nodeId,
  writeCometHome,
} from '../src/cometbft/index.ts'

const CONFIG = {
  moniker: 'a "quoted" name\n',
  proxyApp: 'kvstore',
  rpcListen: 'tcp://127.0.0.1:0',
  p2pListen: 'tcp://127.0.0.1:0',
}

function inFolder(work: (folder: string) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'icn-comet-files-'))
  try {
    work(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

test('the genesis of CometBFT follows from ours', () => {
  const { genesis } = givenNetwork()
  const text = cometGenesis(genesis)
  assert.equal(cometGenesis(structuredClone(genesis)), text)
  const document = JSON.parse(text)
  assert.deepEqual(document.app_state, { genesisHash: toHex(genesisHash(genesis)) })
  assert.equal(Date.parse(document.genesis_time), genesis.timeMs)
  const [{ address, power }] = document.validators
  assert.equal(address.toLowerCase(), validatorAddress(genesis.validators[0]?.publicKey ?? ''))
  assert.equal(power, '1')
  const small = { ...genesis, params: { ...genesis.params, maxBlockBytes: 65_536 } }
  assert.equal(JSON.parse(cometGenesis(small)).consensus_params.evidence.max_bytes, '65536')
})

test('after the last block of a node that was alone, CometBFT begins with the next one, at its root and time', () => {
  const { genesis } = givenNetwork()
  const timeMs = genesis.timeMs + 90_000
  const continues = { height: 20, timeMs, appHash: new Uint8Array(32).fill(0xab), header: new Uint8Array(1) }
  const { initial_height, genesis_time, app_hash, ...rest } = JSON.parse(cometGenesis(genesis, continues))
  assert.deepEqual([initial_height, Date.parse(genesis_time), app_hash], ['21', timeMs, 'AB'.repeat(32)])
  const { initial_height: first, genesis_time: _time, app_hash: _hash, ...plain } = JSON.parse(cometGenesis(genesis))
  assert.equal(first, '1')
  assert.deepEqual(rest, plain)
})

test('peers and ports come into the configuration', () => {
  const text = cometConfig({ ...CONFIG, persistentPeers: ['a@h:1', 'b@h:2'], prometheusListen: '127.0.0.1:1' })
  const peers = ['persistent_peers = "a@h:1,b@h:2"', 'unconditional_peer_ids = "a,b"']
  for (const line of [...peers, 'prometheus = true', 'type = "flood"', 'enable = false']) {
    assert.ok(text.includes(`${line}\n`), line)
  }
})

test('CometBFT reads the files: the keys are those of the seeds', { skip: withoutCometbft }, () =>
  inFolder((home) => {
    const { genesis, validatorSeed } = givenNetwork()
    const nodeSeed = sha256(validatorSeed)
    writeCometHome(home, { genesis, validatorSeed, nodeSeed, config: CONFIG })
    const ask = (command: string) => spawnSync(cometBftBinary(), [command, '--home', home], { encoding: 'utf8' })
    assert.equal(ask('show-node-id').stdout.trim(), nodeId(nodeSeed))
    const { value } = JSON.parse(ask('show-validator').stdout) as { value: string }
    const address = toHex(sha256(Buffer.from(value, 'base64')).subarray(0, 20))
    assert.equal(address, validatorAddress(genesis.validators[0]?.publicKey ?? ''))
    assert.equal(statSync(join(home, 'config/priv_validator_key.json')).mode & 0o077, 0)
  }),
)

test('what the validator signed last is never written over', () =>
  inFolder((home) => {
    const { genesis, validatorSeed } = givenNetwork()
    const options = { genesis, validatorSeed, nodeSeed: fromHex('07'.repeat(32)), config: CONFIG }
    writeCometHome(home, options)
    const state = join(home, 'data/priv_validator_state.json')
    assert.equal(hasSigned(home), false)
    writeFileSync(state, '{"height":"7","round":0,"step":3}')
    writeCometHome(home, options)
    assert.equal(readFileSync(state, 'utf8'), '{"height":"7","round":0,"step":3}')
    assert.equal(hasSigned(home), true)
  }))

test('no CometBFT, another version and a broken one are refused by name', () =>
  inFolder((folder) => {
    const fake = (name: string, script: string) => {
      const path = join(folder, name)
      writeFileSync(path, `#!/bin/sh\n${script}\n`)
      chmodSync(path, 0o755)
      return path
    }
    for (const [path, code, words] of [
      [join(folder, 'nothing'), 'NOT_BUILT', /ICN_COMETBFT names no file/],
      [fake('old', 'echo 0.37.2'), 'WRONG_VERSION', /is CometBFT 0\.37\.2, expected 0\.38\.25/],
      [fake('broken', 'exit 3'), 'NOT_EXECUTABLE', /ended with 3/],
    ] as const) {
      assert.throws(
        () => cometBftBinary({ ICN_COMETBFT: path }),
        (error: Error & { code?: string }) => error.code === code && words.test(error.message),
      )
    }
    const right = fake('right', `echo ${COMETBFT_VERSION}`)
    assert.equal(cometBftBinary({ ICN_COMETBFT: right }), right)
  }))
