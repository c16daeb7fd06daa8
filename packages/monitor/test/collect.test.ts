import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { createBlockWindow } from '../src/collect/block-window.ts'
import { clocksOf } from '../src/collect/clocks.ts'
import { commitOf, hasSigned, peersOf, positionOf, roundOf } from '../src/collect/comet.ts'
import { engineMetricsOf } from '../src/collect/engine-metrics.ts'
import { participationOf } from '../src/collect/participation.ts'
import { parsePrometheusText } from '../src/collect/prometheus-text.ts'
import { quantile } from '../src/collect/quantile.ts'
import { createHappenings } from '../src/collect/since.ts'
import { createWaitingAge } from '../src/collect/waiting-age.ts'

/** Recorded from a network of four CometBFT 0.38.25, the fourth of which had been ended a few seconds before. */
function recorded(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`answers/${name}.json`, import.meta.url), 'utf8')).result
}

test('reads where CometBFT stands, its peers, the round and a commit with one vote missing', () => {
  const position = positionOf(recorded('status'))
  assert.deepEqual([position?.height, position?.version, position?.catchingUp], [10, '0.38.25', false])
  assert.match(position?.address ?? '', /^[0-9a-f]{40}$/)
  const round = roundOf(recorded('dump_consensus_state'))
  assert.deepEqual([round?.height, round?.round, round?.peerHeights.size], [11, 0, 2])
  const peers = peersOf(recorded('net_info'), round)
  assert.deepEqual(
    peers.map(({ moniker, address, direction, version, lag }) => [moniker, address, direction, version, lag]),
    [
      ['127.0.0.2', '127.0.0.1', 'out', '0.38.25', 0],
      ['127.0.0.1', '127.0.0.1', 'out', '0.38.25', 0],
    ],
  )
  const commit = commitOf(recorded('commit'))
  assert.deepEqual([commit?.height, commit?.round, commit?.votes.length], [10, 0, 3])
  assert.equal(
    commit?.votes.every(({ forBlock }) => forBlock),
    true,
  )
  const clocks = clocksOf(commit, commit?.votes[0]?.validator)
  assert.deepEqual([clocks.spreadMs, clocks.ownMs, clocks.byValidator.size], [2, -2, 3])
})

test('what is no answer of CometBFT is undefined, never a guess', () => {
  for (const answer of [undefined, null, 7, 'x', [], {}, { sync_info: { latest_block_height: '9e99' } }]) {
    assert.deepEqual([positionOf(answer), roundOf(answer), commitOf(answer)], Array(3).fill(undefined))
    assert.deepEqual(peersOf(answer, undefined), [])
  }
})

test('a peer is behind by the heights between; one that has not said where it is, by nobody knows', () => {
  const round = { height: 20, round: 0, heardShare: null, heard: [], peerHeights: new Map([['a', 12]]) }
  const info = { peers: [{ node_info: { id: 'a' } }, { node_info: { id: 'b' } }] }
  assert.deepEqual(
    peersOf(info, round).map(({ lag }) => lag),
    [8, null],
  )
})

test('who is heard is the larger of the last two rounds', () => {
  const votes = (...shares: string[]) => ({
    round_state: {
      height: '5',
      round: shares.length - 1,
      votes: shares.map((share, round) => ({ round, prevotes_bit_array: `BA{4:xx__} ${share} = 0.5` })),
    },
  })
  assert.equal(roundOf(votes('4/4', '2/4', '0/4'))?.heardShare, 0.5)
  assert.equal(roundOf(votes('1/4', '3/4'))?.heardShare, 0.75)
  assert.equal(roundOf({ round_state: { height: '5', round: 0, votes: null } })?.heardShare, null)
  const named = (round: number, ...prevotes: string[]) => ({ round, prevotes })
  const vote =
    'Vote{1:20176BA7B63C 5/00/SIGNED_MSG_TYPE_PREVOTE(Prevote) 000000000000 AAAAAAAAAAAA 000000000000 @ 2026}'
  const state = {
    height: '5',
    round: 2,
    votes: [named(0, 'Vote{0:614952506C2F 5/00/'), named(1, 'nil-Vote', vote), named(2)],
  }
  assert.deepEqual(roundOf({ round_state: state })?.heard, ['20176ba7b63c'])
})

test('participation is what signed the last block, and whose votes are heard where none comes', () => {
  const validators = ['a', 'b', 'c', 'd'].map((address) => ({ address, power: 10 }))
  const round = { height: 9, round: 1, heardShare: 0.5, heard: [], peerHeights: new Map() }
  const of = (missed: readonly string[], isStuck: boolean) => participationOf({ validators, missed, round, isStuck })
  assert.deepEqual([of([], false), of(['c'], false), of([], true), of(['gone'], false)], [1, 0.75, 0.5, 1])
  assert.equal(participationOf({ validators: [], missed: [], round: undefined, isStuck: false }), null)
})

test('reads the Prometheus text format: labels with escapes, infinities, times, and leaves out what is no line', () => {
  const text = [
    '# HELP a words {with="braces"} 1',
    'a 1',
    'a{x="y \\"q\\" }, \\\\ \\n",z="2"} 2.5e3 1700000000000',
    'b_bucket{le="+Inf"} +Inf',
    'broken{ 1',
    'c NaN',
    '',
  ].join('\n')
  assert.deepEqual(parsePrometheusText(text), [
    { name: 'a', labels: {}, value: 1 },
    { name: 'a', labels: { x: 'y "q" }, \\ \n', z: '2' }, value: 2_500 },
    { name: 'b_bucket', labels: { le: '+Inf' }, value: Number.POSITIVE_INFINITY },
    { name: 'c', labels: {}, value: Number.NaN },
  ])
})

test('takes from the metrics of CometBFT what is there, and nothing else', () => {
  const text = readFileSync(new URL('answers/metrics.txt', import.meta.url), 'utf8')
  const none = { failedTransactions: null, evictedTransactions: null }
  assert.deepEqual(engineMetricsOf(text), { missingPower: 1, byzantineValidators: 0, ...none })
  const empty = { missingPower: null, byzantineValidators: null }
  assert.deepEqual(engineMetricsOf('<html>'), { ...empty, ...none })
  const failed = 'cometbft_mempool_failed_txs{chain_id="a"} 3\ncometbft_mempool_failed_txs{chain_id="b"} 4'
  const others = 'cometbft_p2p_peer_send_bytes_total{message_type="mempool_failed_txs"} 9\nmempool_failed_txs 9\n'
  assert.deepEqual(engineMetricsOf(others + failed), { ...empty, ...none, failedTransactions: 7 })
})

test('the window counts the last blocks only, and begins anew after a gap', () => {
  const block = (height: number, proposer: string, missed: readonly string[] = []) => ({
    height,
    timeMs: height * 1_000 + (height === 4 ? 500 : 0),
    report: { proposer, missed },
  })
  const window = createBlockWindow(3)
  assert.deepEqual(window.intervals(), { blocks: 0, p50Ms: null, p99Ms: null })
  window.add([block(1, 'a', ['b']), block(2, 'b'), block(3, 'a', ['b']), block(4, 'a', ['b', 'c'])])
  assert.deepEqual(window.intervals(), { blocks: 3, p50Ms: 1_000, p99Ms: 1_500 })
  assert.deepEqual(
    [window.proposed(), window.missed()],
    [
      { a: 2, b: 1 },
      { b: 2, c: 1 },
    ],
  )
  window.add([block(9, 'b')])
  assert.deepEqual([window.count(), window.last()?.height, window.missed()], [1, 9, {}])
})

test('quantiles are by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index)
  assert.deepEqual(
    [quantile(hundred, 0.5), quantile(hundred, 0.99), quantile([7], 0.01), quantile([], 0.5)],
    [50, 99, 7, null],
  )
})

test('where the engine names nobody, waiting is bounded by the last block and by when somebody was first seen', () => {
  const age = createWaitingAge()
  assert.equal(age.look(0, 5, 99), 0)
  assert.equal(age.look(40, 5, 99), 40)
  assert.equal(age.look(50, 5, 3), 3)
  assert.equal(age.look(60, 0, 99), 0)
  assert.equal(age.look(70, 1, 99), 0)
})

test('what happened is counted from sample to sample; a glance in between sees the sample before too', () => {
  const happenings = createHappenings(0)
  happenings.committed({ transactionsByLane: { 0: 3, 1: 1 } })
  happenings.refused('BUSY')
  happenings.decided(1)
  const first = happenings.take(10_000)
  assert.deepEqual(
    [first.transactions, first.refused, first.lateBlocks, first.overMs],
    [{ 0: 3, 1: 1 }, { BUSY: 1 }, 1, 10_000],
  )
  happenings.committed({ transactionsByLane: { 0: 2 } })
  happenings.blocks([{ height: 1, timeMs: 1, report: { proposer: 'a', missed: ['b'] } }])
  const glance = happenings.recent(12_000)
  assert.deepEqual([glance.transactions, glance.overMs, glance.missed], [{ 0: 5, 1: 1 }, 12_000, { b: 1 }])
  const second = happenings.take(20_000)
  assert.deepEqual([second.transactions, second.refused, second.blocks], [{ 0: 2 }, {}, 1])
  assert.deepEqual([happenings.transactions(), happenings.lateBlocks()], [{ 0: 5, 1: 1 }, 1])
})

test('a validator signs whose signature one of the latest commits has, though the last came too early for it', () => {
  const commit = (...signers: readonly string[]) => ({
    votes: ['a', 'b', 'c'].map((validator) => ({ validator, forBlock: signers.includes(validator), timeMs: 0 })),
  })
  const latest = [commit('a', 'b'), commit('a'), commit('a')]
  assert.deepEqual(
    ['a', 'b', 'c', 'newcomer'].map((address) => hasSigned(latest, address)),
    [true, true, false, false],
  )
  assert.equal(hasSigned([], 'a'), undefined)
})
