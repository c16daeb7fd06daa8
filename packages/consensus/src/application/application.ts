import type { VerifyPool } from '@icn/crypto/verify-pool'
import { TransactionReject } from '@icn/protocol'
import type { Machine } from '@icn/state-machine'
import {
  assert,
  createOverlay,
  type EndEvent,
  type Outcome,
  reject,
  type Staged,
  type StateStore,
  type ValidatorReport,
} from '@icn/state-machine/kernel'
import { UpgradeNeeded } from '@icn/state-machine/network'
import type {
  Application,
  BlockRequest,
  CommittedBlock,
  FinalizedBlock,
  FinalizeRequest,
  Proposal,
  Refusal,
} from '../port.ts'
import { createAdmission, refusalOf } from './admission.ts'
import { type BlockInWork, beginBlock, type EndOfBlock } from './block-in-work.ts'
import { createExecutedBlocks } from './executed-blocks.ts'
import { createTransactionCache } from './transaction-cache.ts'

export interface ApplicationOptions {
  readonly machine: Machine
  readonly store: StateStore
  readonly verifyPool: VerifyPool
}

interface FinalBlock {
  /** Whether a deadline was set or taken. */
  readonly touchesQueues: boolean
  readonly block: BlockInWork
  readonly report: ValidatorReport
  readonly staged: Staged
  readonly end: EndOfBlock
}

/** Transactions whose form and verdict are kept: several blocks full. */
const CACHED = 8_192

/**
 * The state machine and its store behind the calls of ABCI 2.0. Whatever bytes come in, these calls answer with a code;
 * what they throw is a broken invariant or a failing disk, and then the node has to halt.
 */
export function createApplication({ machine, store, verifyPool }: ApplicationOptions): Application {
  const cache = createTransactionCache(CACHED)
  const admission = createAdmission(machine, store, cache, verifyPool)
  const executed = createExecutedBlocks()
  let final: FinalBlock | undefined
  let nextDueMs = machine.nextDueMs(createOverlay(store))

  async function prepareProposal(request: Parameters<Application['prepareProposal']>[0]): Promise<Proposal> {
    const { maxTransactions = Number.POSITIVE_INFINITY, bytesAround = 0 } = request
    const block = beginBlock(machine, store, request)
    const refused: { readonly bytes: Uint8Array; readonly check: Refusal }[] = []
    let room = request.maxTxBytes
    for (const bytes of request.txs) {
      const size = bytes.length + bytesAround
      const fitsNowhere = size > request.maxTxBytes
      if ((size > room && !fitsNowhere) || block.records.length >= maxTransactions) break
      const known = cache.look(bytes)
      const outcome = fitsNowhere ? tooLarge(bytes, request.maxTxBytes) : block.execute(known)
      if (outcome.ok) {
        block.include(known, outcome)
        room -= size
      } else refused.push({ bytes, check: refusalOf(store, known.ok ? known.parsed.hash : known.hash, outcome) })
    }
    const txs = block.records.map(({ bytes }) => bytes)
    // What refused transactions had taken of their signers' sequence and allowance is free again.
    const gone = new Set(refused.map(({ bytes }) => bytes))
    if (gone.size > 0)
      admission.keepOnly(
        request.txs.filter((bytes) => !gone.has(bytes)),
        request.timeMs,
      )
    executed.keep(block)
    return { txs, refused }
  }

  /** Whether every transaction of a block is accepted; a block with one that is not comes from a faulty producer. */
  async function processProposal(request: BlockRequest): Promise<boolean> {
    const { height, timeMs } = store.head()
    const earliestMs = Math.max(timeMs, machine.genesis.timeMs)
    if (request.height !== height + 1 || !Number.isSafeInteger(request.timeMs) || request.timeMs < earliestMs)
      return false
    if (executed.find(request) !== undefined) return true
    const block = beginBlock(machine, store, request)
    for (const bytes of request.txs) {
      const known = cache.look(bytes)
      const outcome = block.execute(known)
      if (!outcome.ok) return false
      block.include(known, outcome)
    }
    executed.keep(block)
    return true
  }

  async function finalizeBlock(request: FinalizeRequest): Promise<FinalizedBlock> {
    assert(request.height === store.head().height + 1, 'blocks are finalized in the order of their heights')
    const block = executed.take(request) ?? executeAll(request)
    const { report } = request
    const end = block.end(report)
    const { changes } = end
    const staged = store.stage(changes)
    final = { block, report, staged, end, touchesQueues: changes.some(({ table }) => machine.isQueue(table)) }
    const { records, details } = block
    const results = records.map(({ code, result }, index) => ({ code, result, detail: details[index] ?? {} }))
    const validatorUpdates = machine.validatorUpdates(changes, store, request.height)
    return { ...staged, hashes: records.map(({ hash }) => hash), results, validatorUpdates }
  }

  function executeAll(request: BlockRequest): BlockInWork {
    const block = beginBlock(machine, store, request)
    for (const bytes of request.txs) {
      const known = cache.look(bytes)
      block.include(known, block.execute(known))
    }
    return block
  }

  async function commit(signed: { readonly hash: Uint8Array; readonly header: Uint8Array }): Promise<CommittedBlock> {
    assert(final !== undefined, 'a block is committed after it was finalized')
    const { block, report, staged, end, touchesQueues } = final
    const { events, lanes } = end
    const { height, timeMs, records } = block
    const { appHash, moduleRoots } = staged
    const written = store.commit({ height, timeMs, ...signed, appHash, report, transactions: records, events, lanes })
    final = undefined
    executed.clear()
    if (touchesQueues) nextDueMs = machine.nextDueMs(createOverlay(store))
    admission.reset()
    for (const { hash } of records) cache.forget(hash)
    await written
    const transactions = { transactions: records.length, transactionsByLane: countByLane(block) }
    return { height, timeMs, hash: signed.hash, appHash, moduleRoots, events: eventsOf(block, events), ...transactions }
  }

  function reload(): void {
    final = undefined
    executed.clear()
    admission.reset()
    nextDueMs = machine.nextDueMs(createOverlay(store))
  }

  function needsUpgrade(): Error | undefined {
    try {
      machine.rulesAt(store.head().height + 1, createOverlay(store))
      return undefined
    } catch (error) {
      if (error instanceof UpgradeNeeded) return error
      throw error
    }
  }

  return {
    info: () => ({
      height: store.committed().height,
      appHash: store.committed().appHash,
      version: String(machine.version),
    }),
    initChain: async () => ({ appHash: store.committed().appHash }),
    checkTx: admission.check,
    prepareProposal,
    processProposal,
    finalizeBlock,
    commit,
    isCommitted: (hash) => store.transaction(hash) !== undefined,
    reload,
    forgetWaiting: admission.reset,
    needsUpgrade,
    nextDueMs: () => nextDueMs,
  }
}

/** It would hold up everything behind it for ever. */
function tooLarge({ length }: Uint8Array, limit: number): Outcome {
  return reject(TransactionReject.TOO_LARGE, { bytes: length, limit })
}

/** Events of the block in order, each with the position of its transaction; those of the end come after the last. */
function eventsOf({ records }: BlockInWork, atEnd: readonly EndEvent[]): CommittedBlock['events'] {
  const own = records.flatMap(({ events, lane }, index) => events.map((event) => ({ ...event, index, lane })))
  return [...own, ...atEnd.map((event) => ({ ...event, index: records.length }))]
}

function countByLane({ records }: BlockInWork): Record<number, number> {
  const counts: Record<number, number> = {}
  for (const { lane } of records) counts[lane] = (counts[lane] ?? 0) + 1
  return counts
}
