import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  type Application,
  type CommittedBlock,
  type Consensus,
  createApplication,
  type Submission,
} from '@icn/consensus'
import { sha256, toHex } from '@icn/crypto'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import { type Genesis, GovernanceReject, TransactionReject } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import { type Committed, InvariantError, type ModuleTables, type StateStore } from '@icn/state-machine/kernel'
import { breaking, createGate } from './broken-application.ts'
import { founding, givenNetwork, givenSigner, HOPELESS } from './given-network.ts'
import type { StoreUnderTest } from './store-suite.ts'

/** What an engine is started with. */
export interface EngineSetup {
  readonly application: Application
  readonly genesis: Genesis
  readonly validatorSeed: Uint8Array
  readonly committed: Committed
  readonly maxWaiting: number
}

/** Starts the engine under test; it orders blocks until it is closed. */
export type StartEngine = (setup: EngineSetup) => Consensus | Promise<Consensus>

interface Session {
  readonly consensus: Consensus
  readonly store: StateStore
  /** Every block since the start. */
  readonly blocks: readonly CommittedBlock[]
}

interface SessionOptions {
  readonly maxWaiting?: number
  /** Puts something between the engine and its application. */
  readonly around?: (application: Application) => Partial<Application>
}

/** What an engine may do otherwise than others, and still be right. */
export interface EngineTraits {
  /** No block is committed while a check has no verdict, as in CometBFT; by default checks hold up nothing. */
  readonly checksHoldBlocks?: boolean
}

/**
 * What every engine must do. Engines may make empty blocks whenever they like; nothing here waits for a time.
 *
 * @param openStore - makes an empty store
 */
export function testConsensus(
  name: string,
  start: StartEngine,
  openStore: (modules: readonly ModuleTables[]) => StoreUnderTest,
  { checksHoldBlocks = false }: EngineTraits = {},
): void {
  const verifyPool = createVerifyPool()
  after(() => verifyPool.close())

  async function withEngine(options: SessionOptions, work: (session: Session) => Promise<void>): Promise<void> {
    const { genesis, validatorSeed } = givenNetwork()
    const machine = createMachine({ genesis })
    const opened = openStore(machine.modules)
    const { store } = opened
    const bare = createApplication({ machine, store, verifyPool })
    const application = { ...bare, ...options.around?.(bare) }
    const { maxWaiting = 1_000 } = options
    const committed = store.committed()
    const consensus = await start({ application, genesis, validatorSeed, committed, maxWaiting })
    const blocks: CommittedBlock[] = []
    consensus.onCommit((block) => blocks.push(block))
    try {
      await work({ consensus, store, blocks })
    } finally {
      await consensus.close()
      await opened.dispose()
    }
  }

  test(`${name}: the answer comes after the durable commit, and says where the transaction stands`, async () => {
    const order: string[] = []
    const held = createGate()
    const around = (application: Application): Partial<Application> => {
      let filled = false
      return {
        finalizeBlock: (request) => {
          filled = request.txs.length > 0
          return application.finalizeBlock(request)
        },
        commit: async (signed) => {
          const own = filled
          const block = await application.commit(signed)
          if (own) order.push('durable')
          if (own) await held.opened
          return block
        },
      }
    }
    await withEngine({ around }, async ({ consensus, store }) => {
      const bytes = givenSigner('ana').sign(founding())
      const answer = consensus.submit(bytes, 'committed').finally(() => order.push('answered'))
      while (order.length === 0) await nextTurn()
      for (let turn = 0; turn < 20; turn++) await nextTurn()
      assert.deepEqual(order, ['durable'])
      held.open()
      checkPlace(store, bytes, await answer)
      assert.deepEqual(order, ['durable', 'answered'])
    })
  })

  test(`${name}: many at once share blocks, each answered by itself`, async () => {
    await withEngine({}, async ({ consensus, store, blocks }) => {
      const list = Array.from({ length: 200 }, (_, index) => givenSigner(`p${index}`).sign(founding(`Org ${index}`)))
      const answers = await consensus.submitMany(list, 'committed')
      for (const [index, answer] of answers.entries()) checkPlace(store, list[index], answer)
      const orgs = answers.map((answer) => (answer.ok ? answer.result.org : undefined))
      assert.equal(new Set(orgs).size, list.length)
      const filled = blocks.filter(({ transactions }) => transactions > 0)
      assert.equal(
        filled.reduce((sum, { transactions }) => sum + transactions, 0),
        list.length,
      )
      assert.ok(filled.length <= list.length / 10, `${filled.length} blocks for ${list.length} transactions`)
    })
  })

  test(`${name}: the same bytes sent again while they wait get the same answer`, async () => {
    await withEngine({}, async ({ consensus, store, blocks }) => {
      const bytes = givenSigner('ana').sign(founding())
      const copies = [bytes, bytes, Uint8Array.from(bytes), Uint8Array.from(bytes)]
      const [first, ...others] = await consensus.submitMany(copies, 'committed')
      checkPlace(store, bytes, first)
      for (const other of others) assert.deepEqual(other, first)
      const { height } = checkPlace(store, bytes, first)
      assert.equal(blocks.find((block) => block.height === height)?.transactions, 1)
    })
  })

  test(`${name}: what is committed already is a duplicate, and changes nothing`, async () => {
    await withEngine({}, async ({ consensus, store }) => {
      const bytes = givenSigner('ana').sign(founding())
      const place = checkPlace(store, bytes, await consensus.submit(bytes, 'committed'))
      const before = stateOf(store)
      for (const wait of ['committed', 'accepted'] as const) {
        const again = await consensus.submit(Uint8Array.from(bytes), wait)
        assert.deepEqual(codeOf(again), TransactionReject.DUPLICATE)
        assert.deepEqual(again.hash, sha256(bytes))
      }
      assert.deepEqual(stateOf(store), before)
      assert.equal(store.transaction(sha256(bytes))?.height, place.height)
    })
  })

  test(`${name}: each refusal has its code and leaves no trace`, async () => {
    await withEngine({}, async ({ consensus, store }) => {
      const eve = givenSigner('eve')
      const other = givenSigner('other')
      for (const height of [1, 2]) {
        const answer = await consensus.submit(other.sign(founding(`Org ${height}`)), 'committed')
        assert.ok(answer.ok && answer.height >= height)
      }
      const first = { sequence: 0 }
      const forged = Uint8Array.from(eve.sign(founding(), first))
      forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
      const refusals: readonly (readonly [Uint8Array, number])[] = [
        [new Uint8Array(0), TransactionReject.NON_CANONICAL],
        [new Uint8Array(70_000), TransactionReject.TOO_LARGE],
        [forged, TransactionReject.BAD_SIGNATURE],
        [eve.sign(founding(), { ...first, chainId: 'icn-other' }), TransactionReject.BAD_SIGNATURE],
        [eve.sign(founding(), { ...first, signer: other.did }), TransactionReject.BAD_SIGNATURE],
        [eve.sign(founding(), { ...first, expiryHeight: 1 }), TransactionReject.EXPIRED],
        [eve.sign(founding(), { ...first, expiryHeight: 200_000 }), TransactionReject.EXPIRY_TOO_FAR],
        [eve.sign(founding(), { sequence: 1 }), TransactionReject.BAD_SEQUENCE],
        [eve.sign(HOPELESS, first), GovernanceReject.PROPOSAL_NOT_FOUND],
      ]
      const before = stateOf(store)
      for (const [bytes, code] of refusals) {
        const answer = await consensus.submit(bytes, 'committed')
        assert.equal(codeOf(answer), code)
        assert.deepEqual(answer.hash, sha256(bytes))
        assert.equal(store.transaction(sha256(bytes)), undefined)
      }
      assert.deepEqual(stateOf(store), before)
      const bytes = eve.sign(founding())
      checkPlace(store, bytes, await consensus.submit(bytes, 'committed'))
    })
  })

  test(`${name}: a signer may send the next while the last still waits; what follows a refused one is refused too`, async () => {
    await withEngine({}, async ({ consensus, store }) => {
      const ana = givenSigner('ana')
      const list = Array.from({ length: 30 }, (_, index) => ana.sign(founding(`Org ${index}`)))
      const places = (await consensus.submitMany(list, 'committed')).map((answer, index) =>
        checkPlace(store, list[index], answer),
      )
      const sorted = [...places].sort((a, b) => a.height - b.height || a.index - b.index)
      assert.deepEqual(places, sorted)

      const ben = givenSigner('ben')
      const mixed = [ben.sign(founding()), ben.sign(HOPELESS), ben.sign(founding())]
      const answers = await consensus.submitMany(mixed, 'committed')
      const { PROPOSAL_NOT_FOUND } = GovernanceReject
      assert.deepEqual(answers.map(codeOf), [0, PROPOSAL_NOT_FOUND, TransactionReject.BAD_SEQUENCE])
      const corrected = ben.sign(founding(), { sequence: 1 })
      checkPlace(store, corrected, await consensus.submit(corrected, 'committed'))
    })
  })

  test(`${name}: accepted means checked and waiting, and it comes to be in a block`, async () => {
    await withEngine({}, async ({ consensus, store, blocks }) => {
      const ana = givenSigner('ana')
      const bytes = ana.sign(founding())
      const answer = await consensus.submit(bytes, 'accepted')
      assert.deepEqual(answer, { ok: true, hash: sha256(bytes), height: 0, index: 0, result: {} })
      const early = await consensus.submit(ana.sign(founding(), { sequence: 9 }), 'accepted')
      assert.equal(codeOf(early), TransactionReject.BAD_SEQUENCE)
      await untilFilled(consensus, blocks)
      assert.ok((store.transaction(sha256(bytes))?.height ?? 0) > 0)
    })
  })

  test(`${name}: what is above the bound is refused as busy at once, what is within it is not lost`, async () => {
    const held = createGate()
    const around = ({ prepareProposal }: Application): Partial<Application> => ({
      prepareProposal: async (request) => {
        if (request.txs.length > 0) await held.opened
        return prepareProposal(request)
      },
    })
    await withEngine({ around, maxWaiting: 8 }, async ({ consensus, store }) => {
      let list = Array.from({ length: 40 }, (_, index) => givenSigner(`p${index}`).sign(founding(`Org ${index}`)))
      const answers = list.map((bytes) => consensus.submit(bytes, 'committed'))
      for (const [index, busy] of (await Promise.all(answers.slice(8))).entries()) checkBusy(list[8 + index], busy)
      held.open()
      for (const [index, answer] of (await Promise.all(answers.slice(0, 8))).entries())
        checkPlace(store, list[index], answer)
      for (const bytes of list.slice(8)) assert.equal(store.transaction(sha256(bytes)), undefined)
      for (list = list.slice(8); list.length > 0; list = list.slice(8)) {
        const again = await consensus.submitMany(list, 'committed')
        for (const index of again.slice(0, 8).keys()) checkPlace(store, list[index], again[index])
        for (const [index, answer] of again.slice(8).entries()) checkBusy(list[8 + index], answer)
      }
    })
  })

  test(`${name}: listeners hear of each block once, in order, as long as they listen`, async () => {
    await withEngine({}, async ({ consensus, store, blocks }) => {
      const begin = blocks.length
      const left: CommittedBlock[] = []
      const leave = consensus.onCommit((block) => {
        assert.equal(store.committed().height, block.height, 'the block is durable')
        left.push(block)
      })
      const ana = givenSigner('ana')
      for (let count = 0; count < 6; count++) {
        if (count === 3) leave()
        const answer = await consensus.submit(ana.sign(founding(`Org ${count}`)), 'committed')
        assert.ok(answer.ok)
        const block = blocks.find(({ height }) => height === answer.height)
        assert.ok(block?.events.some(({ topic, index }) => topic === 'org.founded' && index === answer.index))
      }
      const last = left.at(-1)?.height ?? 0
      assert.ok(last > 0 && last < (blocks.at(-1)?.height ?? 0))
      assert.deepEqual(
        left,
        blocks.slice(begin).filter(({ height }) => height <= last),
      )
      const first = blocks[0]?.height ?? 0
      for (const [index, block] of blocks.entries()) {
        assert.equal(block.height, first + index)
        assert.deepEqual(toHex(store.block(block.height)?.appHash ?? sha256(new Uint8Array())), toHex(block.appHash))
      }
      const { height, appHash, chainId } = consensus.status()
      assert.deepEqual([height, appHash, chainId], [blocks.at(-1)?.height, blocks.at(-1)?.appHash, 'icn-given'])
    })
  })

  test(`${name}: closing finishes what waits, answers what is under check, and ends the blocks`, async () => {
    await withEngine({}, async ({ consensus, store }) => {
      const sign = (prefix: string) =>
        Array.from({ length: 20 }, (_, index) => givenSigner(`${prefix}${index}`).sign(founding(`Org ${index}`)))
      const waiting = sign('w')
      const accepted = await consensus.submitMany(waiting, 'accepted')
      assert.ok(accepted.every(({ ok }) => ok))
      const late = sign('l')
      const answers = consensus.submitMany(late, 'committed')
      await consensus.close()
      const { height } = store.committed()
      for (const bytes of waiting) assert.ok(store.transaction(sha256(bytes)) !== undefined)
      for (const [index, answer] of (await answers).entries()) {
        if (answer.ok) checkPlace(store, late[index], answer)
        else assert.deepEqual([answer.code, store.transaction(sha256(late[index] as Uint8Array))], [0, undefined])
      }
      const after = givenSigner('after').sign(founding())
      const closed = { ok: false, code: 0, detail: {}, hash: sha256(after), unavailable: true }
      assert.deepEqual(await consensus.submit(after, 'committed'), closed)
      for (let turn = 0; turn < 20; turn++) await nextTurn()
      assert.equal(store.committed().height, height)
    })
  })

  for (const call of ['checkTx', 'prepareProposal', 'finalizeBlock', 'commit'] as const) {
    test(`${name}: halts when ${call} breaks, and answers nobody with success`, async () => {
      const bug = new InvariantError(`a bug in ${call}`)
      const late = givenSigner('late').sign(founding('Late'))
      const held = createGate()
      await withEngine({ around: (bare) => breaking(bare, call, bug, late, held) }, async ({ consensus, store }) => {
        const list = Array.from({ length: 10 }, (_, index) => givenSigner(`p${index}`).sign(founding(`Org ${index}`)))
        const answers = consensus.submitMany(list, 'committed')
        // After the others: an engine may give verdicts in the order of arrival.
        const underCheck = consensus.submit(late, 'committed')
        if (checksHoldBlocks) held.open()
        await assert.rejects(consensus.halted, bug)
        const { height } = store.committed()
        held.open()
        for (const answer of [...(await answers), await underCheck]) assert.ok(!answer.ok)
        const after = await consensus.submit(givenSigner('after').sign(founding()), 'accepted')
        assert.ok(!after.ok && after.unavailable)
        assert.equal(store.committed().height, height)
        for (const bytes of [...list, late]) assert.equal(store.transaction(sha256(bytes)), undefined)
      })
    })
  }
}

/** Proves that a success is true: the store has this transaction, accepted, at this place. */
function checkPlace(store: StateStore, bytes: Uint8Array | undefined, answer: Submission | undefined) {
  assert.ok(answer?.ok && bytes !== undefined, JSON.stringify(answer))
  assert.deepEqual(answer.hash, sha256(bytes))
  const found = store.transaction(answer.hash)
  assert.deepEqual([found?.height, found?.index, found?.code], [answer.height, answer.index, 0])
  assert.deepEqual({ ...found?.result }, { ...answer.result })
  return { height: answer.height, index: answer.index }
}

/** Every row but the one that counts blocks: engines may make empty ones meanwhile. */
function stateOf(store: StateStore): unknown {
  const tables = store.modules.flatMap((module) => module.tables).filter(({ name }) => name !== 'outage')
  return tables.map((table) => [table.name, Array.from(store.scanRows(table, []), (row) => ({ ...row }))])
}

/** Until a block with a transaction was committed. */
function untilFilled(consensus: Consensus, blocks: readonly CommittedBlock[]): Promise<void> {
  const filled = createGate()
  if (blocks.some(({ transactions }) => transactions > 0)) filled.open()
  consensus.onCommit(({ transactions }) => {
    if (transactions > 0) filled.open()
  })
  return filled.opened
}

/** Refused by the node's own bound, and named by the bytes that were sent. */
function checkBusy(bytes: Uint8Array | undefined, answer: Submission): void {
  assert.deepEqual(answer, { ok: false, code: 0, detail: {}, hash: sha256(bytes ?? new Uint8Array()) })
}

function codeOf(answer: Submission): number {
  return answer.ok ? 0 : answer.code
}
