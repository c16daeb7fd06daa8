import assert from 'node:assert/strict'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { COMETBFT_VERSION, cometBftBinary } from '@icn/consensus/cometbft'
import { withoutCometbft } from '../../testkit/src/kvstore-network.ts'
import { takePorts } from '../../testkit/src/network/take-ports.ts'
import { createCometSource } from '../src/sources/comet.ts'

const skip = withoutCometbft

/** A real CometBFT with its own key-value application, the one validator of its network. */
async function withComet(
  work: (rpcUrl: string, metricsUrl: string, comet: ChildProcess) => Promise<void>,
): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'icn-comet-'))
  assert.equal(spawnSync(cometBftBinary(), ['init', '--home', home]).status, 0)
  const [p2p, rpc, metrics] = await takePorts(3)
  const file = join(home, 'config/config.toml')
  const config = readFileSync(file, 'utf8')
    .replace('laddr = "tcp://127.0.0.1:26657"', `laddr = "tcp://127.0.0.1:${rpc}"`)
    .replace('laddr = "tcp://0.0.0.0:26656"', `laddr = "tcp://127.0.0.1:${p2p}"`)
    .replace('prometheus = false', 'prometheus = true')
    .replace('prometheus_listen_addr = ":26660"', `prometheus_listen_addr = "127.0.0.1:${metrics}"`)
    .replace('timeout_commit = "1s"', 'timeout_commit = "50ms"')
  writeFileSync(file, config)
  const comet = spawn(cometBftBinary(), ['node', '--home', home, '--proxy_app=kvstore'], { stdio: 'ignore' })
  try {
    await work(`http://127.0.0.1:${rpc}`, `http://127.0.0.1:${metrics}/metrics`, comet)
  } finally {
    if (comet.exitCode === null && comet.signalCode === null) {
      comet.kill('SIGKILL')
      await once(comet, 'exit')
    }
    rmSync(home, { recursive: true })
  }
}

test(
  'reads everything from a real CometBFT, each commit once, and says what is missing when it is gone',
  { skip },
  () =>
    withComet(async (rpcUrl, metricsUrl, comet) => {
      const source = createCometSource({ rpcUrl, metricsUrl }, fetch)
      let facts = await source.read()
      for (let tries = 0; tries < 300 && (facts.position?.height ?? 0) < 5; tries++) {
        await pause(100)
        facts = await source.read()
      }
      const height = facts.position?.height ?? 0
      assert.ok(height >= 5, 'CometBFT makes no blocks')
      assert.deepEqual([facts.position?.version, facts.position?.catchingUp], [COMETBFT_VERSION, false])
      assert.ok((facts.round?.height ?? 0) >= height)
      assert.deepEqual(facts.peers, [])
      assert.deepEqual([facts.metrics?.missingPower, facts.metrics?.byzantineValidators], [0, 0])

      const tx = Buffer.from('a=b').toString('hex')
      const answer = await fetch(`${rpcUrl}/broadcast_tx_commit?tx=0x${tx}`)
      assert.equal(answer.status, 200)
      await answer.body?.cancel()
      const next = await source.read()
      const heights = next.commits.map((commit) => commit.height)
      assert.deepEqual(
        heights,
        heights.map((_, index) => height + 1 + index),
        'commits follow on those before',
      )
      assert.equal(heights.at(-1), next.position?.height)
      for (const { votes, round } of next.commits) {
        assert.deepEqual([round, votes.length], [0, 1])
        assert.deepEqual([votes[0]?.validator, votes[0]?.forBlock], [next.position?.address, true])
      }

      comet.kill('SIGKILL')
      await once(comet, 'exit')
      const gone = await source.read()
      const nothing = {
        position: undefined,
        round: undefined,
        peers: undefined,
        metrics: undefined,
      }
      assert.deepEqual(gone, { ...nothing, commits: [] })
    }),
)
