import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appendLog, emptyLog, type Log } from '@icn/crypto'
import { type LaneEvent, laneGroupHash, laneLeaf } from '@icn/protocol'
import type { BlockRecord, LedgerEvent, Table } from '@icn/state-machine/kernel'
import { laneLogs } from '@icn/state-machine/lanes'
import { founding, givenSigner, proposing } from '../../testkit/src/given-network.ts'
import { stores } from '../../testkit/src/given-store.ts'
import { withLedger } from './given-ledger.ts'

const table = laneLogs as unknown as Table
const laneEvent = ({ topic, org, subject, data }: LedgerEvent): LaneEvent => [topic, org ?? null, subject, data]

/** What the blocks of a store say, by definition. */
function logOf(blocks: readonly BlockRecord[]): Log {
  return blocks.reduce((log, { height, timeMs, transactions, events: atEnd }) => {
    const groups = transactions.map(({ hash, bytes, events }, index) =>
      laneGroupHash({ index, transaction: hash, signature: bytes.slice(-64), events: events.map(laneEvent) }),
    )
    const end = { index: transactions.length, transaction: null, signature: null }
    for (const event of atEnd) groups.push(laneGroupHash({ ...end, events: [laneEvent(event)] }))
    return groups.length === 0 ? log : appendLog(log, laneLeaf(height, timeMs, groups))
  }, emptyLog())
}

for (const [name, openStore] of stores) {
  test(`${name}: the log of the core holds every event of every block, over restarts, and rests while nothing happens`, () =>
    withLedger(openStore, async (ledger) => {
      const ana = givenSigner('ana')
      const { final } = await ledger.commitBlock([ana.sign(founding())])
      const org = String(final.results[0]?.result.org)
      await ledger.restart()
      await ledger.commitBlock([])
      const votes = (['yes', 'no'] as const).map((ballot) => ({ kind: 'vote.cast', ballot, reason: '' }) as const)
      const { final: proposed } = await ledger.commitBlock([
        ana.sign(proposing(org)),
        givenSigner('ben').sign(founding('Mill')),
      ])
      const proposal = String(proposed.results[0]?.result.proposal)
      await ledger.commitBlock(votes.map((vote) => ana.sign({ ...vote, proposal })))
      await ledger.restart()
      const { moduleRoots } = (
        await ledger.commitBlock([ana.sign({ kind: 'vote.cast', ballot: 'yes', reason: '', proposal })])
      ).final
      const idle = await ledger.commitBlock([])
      assert.deepEqual(idle.final.moduleRoots.lanes, moduleRoots.lanes)
      const { height } = ledger.store.committed()
      const blocks = Array.from({ length: height }, (_, at) => ledger.store.block(at + 1) as BlockRecord)
      const row = ledger.store.readRow(table, [0])
      assert.deepEqual(row?.log, logOf(blocks))
      assert.equal(row?.height, height - 1)
      assert.deepEqual(ledger.store.readRow(table, [1])?.log, emptyLog())
    }))
}
