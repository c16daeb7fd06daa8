import assert from 'node:assert/strict'
import { test } from 'node:test'
import { appendLog, emptyLog, sha256 } from '@icn/crypto'
import { defaultParams, LANES, type LaneEvent, laneGroupHash, laneLeaf } from '@icn/protocol'
import { createMachine } from '../src/index.ts'
import {
  createOverlay,
  type EndEvent,
  emptyReader,
  type LedgerEvent,
  type TransactionRecord,
} from '../src/kernel/index.ts'
import { laneLogs, logEvents } from '../src/modules/lanes/index.ts'

const AT = { height: 7, timeMs: 7_000 }
const event = (subject: string, org?: string): LedgerEvent => ({
  topic: 'seat.taken',
  ...(org === undefined ? {} : { org }),
  subject,
  data: { number: 1 },
})
const entryOf = ({ topic, org, subject, data }: LedgerEvent): LaneEvent => [topic, org ?? null, subject, data]

function transaction(lane: number, events: readonly LedgerEvent[]): TransactionRecord {
  const bytes = Uint8Array.from({ length: 100 }, (_, at) => at + lane)
  return { hash: sha256(bytes), signer: 'did:key:z1', kind: 'seat.take', lane, code: 0, result: {}, bytes, events }
}

/** By definition. */
function groupOf(index: number, { hash, bytes, events }: TransactionRecord): Uint8Array {
  return laneGroupHash({ index, transaction: hash, signature: bytes.slice(36), events: events.map(entryOf) })
}

function endOf(index: number, own: LedgerEvent): Uint8Array {
  return laneGroupHash({ index, transaction: null, signature: null, events: [entryOf(own)] })
}

test('a block adds one leaf to each lane that has events: those of transactions, then each of its end', () => {
  const state = createOverlay(emptyReader)
  const transactions = [
    transaction(0, [event('a', 'did:icn:x:o1'), event('b')]),
    transaction(1, []),
    transaction(2, [event('c')]),
    transaction(0, [event('d')]),
  ]
  const [first, , third, fourth] = transactions as [
    TransactionRecord,
    TransactionRecord,
    TransactionRecord,
    TransactionRecord,
  ]
  const atEnd: EndEvent[] = [
    { ...event('e'), lane: 2 },
    { ...event('f'), lane: 2 },
  ]
  const entries = logEvents(AT, transactions, atEnd, state)
  const core = laneLeaf(AT.height, AT.timeMs, [groupOf(0, first), groupOf(3, fourth)])
  const storage = laneLeaf(AT.height, AT.timeMs, [groupOf(2, third), endOf(4, event('e')), endOf(4, event('f'))])
  const rows = state.open(laneLogs)
  assert.deepEqual(rows.get({ lane: 0 }), { lane: 0, log: appendLog(emptyLog(), core), height: 7 })
  assert.deepEqual(rows.get({ lane: 1 }), { lane: 1, log: emptyLog(), height: 0 })
  assert.deepEqual(rows.get({ lane: 2 }), { lane: 2, log: appendLog(emptyLog(), storage), height: 7 })
  assert.deepEqual(entries, [
    { lane: 0, position: 0, nodes: [core] },
    { lane: 2, position: 0, nodes: [storage] },
  ])
})

test('a block in which nothing happened changes no row, and no lane but those that have events', () => {
  const state = createOverlay(emptyReader)
  assert.deepEqual(logEvents(AT, [transaction(0, [])], [], state), [])
  assert.deepEqual(state.changes(), [])
  logEvents(AT, [transaction(1, [event('a')])], [], state)
  assert.deepEqual(
    state.changes().map(({ key }) => key),
    [...LANES.keys()].map((lane) => [lane]),
  )
  const later = createOverlay({
    readRow: (_, [lane]) => state.open(laneLogs).get({ lane: Number(lane) }),
    scanRows: () => [],
  })
  logEvents({ height: 8, timeMs: 8_000 }, [], [{ ...event('b'), lane: 1 }], later)
  assert.deepEqual(
    later.changes().map(({ key, row }) => [key, row?.height]),
    [[[1], 8]],
  )
})

test('what is hidden under a hash cannot be guessed without the signature', () => {
  const known = transaction(0, [event('a')])
  const guess = { ...known, bytes: known.bytes.with(99, 0) }
  assert.notDeepEqual(groupOf(0, known), groupOf(0, guess))
})

test('the end of a block has its events in the lane of the module that made them', () => {
  const genesis = {
    chainId: 'lanes',
    name: 'Lanes',
    timeMs: 1_000,
    validators: [{ name: 'one', publicKey: 'z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK', power: 1 }],
    params: defaultParams,
    federation: {
      name: 'Federation',
      members: [{ did: 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK', name: 'Ana' }],
    },
  }
  const machine = createMachine({ genesis })
  const state = createOverlay(emptyReader)
  const block = { chainId: 'lanes', height: 1, timeMs: 2_000, index: 0, rules: 1, seed: new Uint8Array(32) }
  const events = machine.endBlock(block, state, { proposer: '', missed: [], misbehaviour: [] })
  assert.ok(events.some(({ topic }) => topic === 'org.founded'))
  assert.ok(events.every(({ lane }) => lane === 0))
  machine.logEvents({ height: 1, timeMs: 2_000 }, [], events, state)
  assert.equal(state.open(laneLogs).get({ lane: 0 })?.log.size, 1)
  machine.checkInvariants(state)
})

for (const [name, change] of [
  ['a lane without a row', (rows) => rows.delete({ lane: 1 })],
  ['a height without a block', (rows) => rows.put({ lane: 1, log: emptyLog(), height: 3 })],
  ['more blocks than heights', (rows) => rows.put({ lane: 1, log: { size: 2, peaks: 'ab'.repeat(32) }, height: 1 })],
  ['peaks of another size', (rows) => rows.put({ lane: 1, log: { size: 1, peaks: '' }, height: 3 })],
] as const satisfies readonly (readonly [string, (rows: ReturnType<typeof rowsOf>) => void])[]) {
  test(`invariants find ${name}`, () => {
    const { machine, state } = givenLog()
    machine.checkInvariants(state)
    change(rowsOf(state))
    assert.throws(() => machine.checkInvariants(state))
  })
}

function rowsOf(state: ReturnType<typeof createOverlay>) {
  return state.open(laneLogs)
}

function givenLog() {
  const validators = [{ name: 'one', publicKey: 'z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK', power: 1 }]
  const machine = createMachine({
    genesis: { chainId: 'lanes', name: 'Lanes', timeMs: 1, validators, params: defaultParams },
  })
  const state = createOverlay(emptyReader)
  logEvents(AT, [], [{ ...event('a'), lane: 0 }], state)
  return { machine, state }
}
