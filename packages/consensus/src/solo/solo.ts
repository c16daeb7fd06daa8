import { publicKeyFromSeed, sha256 } from '@icn/crypto'
import {
  encodeHeader,
  type Genesis,
  genesisHash,
  headerHash,
  publicKeyToText,
  resultsHash,
  signHeader,
  transactionsRoot,
  validatorAddress,
} from '@icn/protocol'
import { type Committed as CommittedState, NOTHING_REPORTED } from '@icn/state-machine/kernel'
import type { Application, CommittedBlock, Consensus, FinalizedBlock, Submission } from '../port.ts'
import { busy, unavailable } from '../refusals.ts'
import { type Clock, type DevClock, systemClock, systemTimer, type Timer } from './clock.ts'
import { createMempool } from './mempool.ts'
import { checkOnlyValidator, WrongValidators } from './wrong-validators.ts'

export interface SoloOptions {
  readonly application: Application
  readonly genesis: Genesis
  /** What the store has committed: the chain goes on from there. */
  readonly committed: CommittedState
  /** Secret of the one validator that the genesis names, 32 bytes. */
  readonly validatorSeed: Uint8Array
  readonly clock?: Clock
  readonly timer?: Timer
  /** Transactions that may wait or be under check at once; more are answered `busy`. */
  readonly maxWaiting?: number
  /** Without transactions or deadlines a block comes this often, so that everybody sees the node live. */
  readonly idleMs?: number
}

export interface Solo extends Consensus {
  /** Puts a development clock forward, block by block through every deadline on the way. */
  advance(clock: DevClock, ms: number): Promise<{ readonly height: number; readonly timeMs: number }>
}

interface SignedHeader {
  readonly hash: Uint8Array
  readonly header: Uint8Array
}

/** Bytes of headers and framing that a block needs beside its transactions. */
const HEADER_ROOM = 4_096
/**
 * A block of so many transactions is handed over while one is being written, so that the writer never waits; a smaller one
 * waits itself, and others of its size share the next sync.
 */
const LARGE_BLOCK = 16
/** A network counts an hour without blocks as an outage; a clock put forward must not look like one. */
const LONGEST_STEP_MS = 59 * 60_000

/**
 * One producer in this process. Whatever waits when a block begins goes into it, so the disk is synced once for all of
 * them, and the next block is executed meanwhile; with nothing waiting, blocks come when a deadline is due and every
 * `idleMs`.
 *
 * @throws WrongValidators where the genesis names another validator, or several
 */
export function createSolo(options: SoloOptions): Solo {
  const { application, genesis, validatorSeed, clock = systemClock, timer = systemTimer } = options
  const { maxWaiting = 16_000, idleMs = 600_000 } = options
  const publicKey = publicKeyToText(publicKeyFromSeed(validatorSeed))
  checkOnlyValidator(genesis, publicKey)
  const report = { ...NOTHING_REPORTED, proposer: validatorAddress(publicKey) }
  const mempool = createMempool()
  const listeners = new Set<(block: CommittedBlock) => void>()
  const { promise: halted, reject: halt } = Promise.withResolvers<never>()
  halted.catch(() => {})
  /** The block on which the next one stands, and the last one on the disk. */
  let head = { ...options.committed, blockHash: hashOfLast(options) }
  let last = head
  let checking = 0
  let closing = false
  let failure: unknown
  /** Blocks are made one after the other. */
  let producing: Promise<void> = Promise.resolve()
  /** The head's way to the disk. */
  let writing: Promise<void> = Promise.resolve()
  /** The way of the block before it. */
  let writingBefore = writing
  let scheduled = false
  let callOff = () => {}

  async function submit(bytes: Uint8Array, wait: 'committed' | 'accepted'): Promise<Submission> {
    if (closing || failure !== undefined) return unavailable(sha256(bytes))
    if (mempool.count() + checking >= maxWaiting) return busy(sha256(bytes))
    checking++
    const check = await application
      .checkTx(bytes, 'new', blockTimeMs(clock.now()))
      .catch((error: unknown) => {
        fail(error)
        return unavailable(sha256(bytes))
      })
      .finally(() => checking--)
    const waiting = mempool.find(check.hash)
    if (waiting === undefined && !check.ok) return check
    // No block comes after the check: nobody may be left waiting for one.
    if (waiting === undefined && (closing || failure !== undefined)) return unavailable(check.hash)
    const { answer } = waiting ?? mempool.add(bytes, check.hash)
    schedule()
    return wait === 'accepted' ? { ok: true, hash: check.hash, height: 0, index: 0, result: {} } : answer
  }

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    // After this turn's arrivals: they share the block and its sync.
    setImmediate(() => {
      scheduled = false
      if (!closing) void makeBlock(clock.now())
    })
  }

  /** @param empty - whether a block without transactions is wanted though nothing is due */
  function makeBlock(timeMs: number, empty = false): Promise<void> {
    producing = producing.then(() => produce(timeMs, empty)).catch(fail)
    return producing
  }

  async function produce(nowMs: number, empty: boolean): Promise<void> {
    const txs = mempool.waiting()
    if (failure !== undefined || !(empty || txs.length > 0 || isDue(nowMs))) return
    const height = head.height + 1
    const timeMs = blockTimeMs(nowMs)
    const { maxBlockBytes } = genesis.params
    const proposal = await application.prepareProposal({ txs, height, timeMs, maxTxBytes: maxBlockBytes - HEADER_ROOM })
    for (const { check } of proposal.refused) mempool.settle(check.hash, check)
    if (proposal.txs.length === 0 && !(empty || isDue(nowMs))) return recheck()
    const final = await application.finalizeBlock({ txs: proposal.txs, height, timeMs, report })
    // The decision stands, and is carried out by the block that CometBFT makes in place of this one.
    if (final.validatorUpdates.length > 0)
      throw new WrongValidators(
        'OTHERS_ADMITTED',
        `block ${height} changes the validators, and this node asks no others`,
      )
    await (proposal.txs.length < LARGE_BLOCK ? writing : writingBefore)
    if (failure !== undefined) return
    const signed = sign(height, timeMs, final)
    mempool.take(final.hashes)
    head = { height, timeMs, appHash: final.appHash, blockHash: signed.hash }
    writingBefore = writing
    writing = write(signed, final).catch(fail)
    await recheck()
    wakeUp()
  }

  /** From the call on the next block may be made; whoever waits for this one is answered when it is on the disk. */
  async function write(signed: SignedHeader, final: FinalizedBlock): Promise<void> {
    const own = head
    const block = await application.commit(signed)
    last = own
    settle(own.height, final)
    for (const listener of listeners) listener(block)
  }

  function sign(height: number, timeMs: number, final: FinalizedBlock): SignedHeader {
    const { chainId } = genesis
    const { appHash, moduleRoots, hashes, results } = final
    const roots = { transactionsRoot: transactionsRoot(hashes), resultsHash: resultsHash(results), moduleRoots }
    const place = { chainId, height, timeMs, previousHash: head.blockHash, proposer: publicKey }
    const header = encodeHeader({ ...place, appHash, ...roots })
    return { hash: headerHash(header), header: signHeader(header, [validatorSeed]) }
  }

  function settle(height: number, { hashes, results }: FinalizedBlock): void {
    for (const [index, hash] of hashes.entries()) {
      mempool.settle(hash, { ok: true, hash, height, index, result: results[index]?.result ?? {} })
    }
  }

  /** What found no room is checked against the new state, and waits for the next block. */
  async function recheck(): Promise<void> {
    for (const bytes of mempool.waiting()) {
      const check = await application.checkTx(bytes, 'recheck', blockTimeMs(clock.now()))
      if (!check.ok) mempool.settle(check.hash, check)
    }
    if (mempool.waiting().length > 0) schedule()
  }

  /** Sets the timer for the next deadline or idle block. */
  function wakeUp(): void {
    callOff()
    if (closing) return
    const nowMs = clock.now()
    callOff = timer(isDue(nowMs) ? 0 : dueMs() - nowMs, () => {
      if (isDue(clock.now())) void makeBlock(clock.now())
      else wakeUp()
    })
  }

  /** When a block is wanted though nothing waits. */
  function dueMs(): number {
    return Math.min(application.nextDueMs() ?? Number.POSITIVE_INFINITY, head.timeMs + idleMs)
  }

  function isDue(nowMs: number): boolean {
    return blockTimeMs(nowMs) >= dueMs()
  }

  /** The time of a block made now: it never goes back, whatever the clock does. */
  function blockTimeMs(nowMs: number): number {
    return Math.max(nowMs, head.timeMs, genesis.timeMs)
  }

  function fail(error: unknown): void {
    failure = error
    callOff()
    halt(error)
    mempool.settleAll(unavailable)
  }

  async function advance(dev: DevClock, ms: number): Promise<{ height: number; timeMs: number }> {
    const targetMs = clock.now() + ms
    const nextMs = () => application.nextDueMs() ?? Number.POSITIVE_INFINITY
    for (let nowMs = clock.now(); nowMs < targetMs || nextMs() <= nowMs; nowMs = clock.now()) {
      // Nothing where more was due than a block handles: the next one goes on at the same time.
      dev.putForward(Math.max(0, Math.min(nextMs() - nowMs, LONGEST_STEP_MS, targetMs - nowMs)))
      await makeBlock(clock.now(), true)
      await writing
      if (failure !== undefined) throw failure
    }
    return { height: last.height, timeMs: last.timeMs }
  }

  async function close(): Promise<void> {
    closing = true
    callOff()
    while (mempool.waiting().length > 0 && failure === undefined) await makeBlock(clock.now())
    await producing
    await writing
  }

  wakeUp()
  return {
    submit,
    submitMany: (list, wait) => Promise.all(list.map((bytes) => submit(bytes, wait))),
    status: () => ({
      kind: 'solo',
      chainId: genesis.chainId,
      height: last.height,
      timeMs: last.timeMs,
      appHash: last.appHash,
      validators: genesis.validators,
      mempool: mempool.count(),
    }),
    onCommit: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    halted,
    advance,
    close,
  }
}

function hashOfLast({ committed, genesis }: SoloOptions): Uint8Array {
  return committed.height === 0 ? genesisHash(genesis) : committed.blockHash
}
