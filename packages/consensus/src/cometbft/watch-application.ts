import type { Application, CommittedBlock, ConsensusStatus, FinalizedBlock, FinalizeRequest, Refusal } from '../port.ts'
import { busy, unavailable } from '../refusals.ts'
import type { Broadcast } from './broadcaster.ts'
import { createChecking } from './checking.ts'
import { createEntries } from './entries.ts'
import { createGathering } from './gathering.ts'
import { createLeftOut } from './left-out.ts'
import { createOutbox } from './outbox.ts'
import { idOf, type Submissions } from './submissions.ts'
import { createUnanswered } from './unanswered.ts'
import { createWaiting, type WaitingTransaction } from './waiting.ts'

/** The application as CometBFT sees it, which tells those who wait what comes of their transactions. */
export interface WatchedApplication {
  readonly application: Application
  /** What waits, as far as this node knows. */
  readonly line: () => Required<Pick<ConsensusStatus, 'mempool' | 'mempoolBytes' | 'mempoolAgeMs'>>
  /** Where a transaction of a client of this node is. */
  readonly whereabouts: (hash: Uint8Array) => Whereabouts
  /** Takes a transaction of a client of this node. */
  readonly take: (bytes: Uint8Array, hash: Uint8Array) => Promise<void>
  /**
   * CometBFT begins anew, with an empty pool: what clients of this node wait for is handed to it again. Resolves when
   * nothing is on its way through a check that the last one asked for.
   */
  readonly begunAnew: () => Promise<void>
}

/** Where a transaction is that waits for long. */
export type Whereabouts =
  /** Its check has no verdict. */
  | 'under check'
  /** On its way to CometBFT, which has not answered, or has not asked about it. */
  | 'handed over'
  /** No block has it. */
  | 'waits for a block'
  /** CometBFT began anew or dropped it, or others propose now; it is handed over again. */
  | 'lost'

export interface WatchOptions {
  readonly application: Application
  readonly submissions: Submissions
  /** Transactions that may wait at once, of all nodes. */
  readonly poolSize: number
  /** Hands an entry to CometBFT's pool. */
  readonly send: (entry: Uint8Array) => Promise<Broadcast>
  /** Whether this node is the only validator now, which proposes every block. */
  readonly isAlone: () => boolean
  /** Whether this node is one of those that propose blocks. */
  readonly proposes: () => boolean
  /** Called for each transaction that begins to wait. */
  readonly onAdmitted: () => void
  /** Called with each block when it is on the disk and those who waited for it are answered. */
  readonly onBlock: (block: CommittedBlock) => void
  /** Whether the node has failed, and nothing is handed to CometBFT any more. */
  readonly hasFailed: () => boolean
  /** The application broke. */
  readonly onFailure: (error: unknown) => void
}

/** How long a proposal waits for what clients send when the last block answers them. */
const GATHER_MS = 10
const NONE: ReadonlyMap<string, Refusal> = new Map()

/**
 * The node itself keeps what waits, checks it and proposes it: CometBFT's pool does nothing but carry it to other nodes,
 * in parcels, and tell when there is something to make a block of.
 */
export function watchApplication({ application: bare, ...options }: WatchOptions): WatchedApplication {
  const { submissions, isAlone, proposes, onBlock } = options
  const waiting = createWaiting()
  const gathering = createGathering(GATHER_MS)
  const leftOut = createLeftOut()
  const unanswered = createUnanswered({ application: bare, submissions })
  const isAwaited = (hash: Uint8Array) => submissions.find(hash) !== undefined
  const wakeOutbox = createOutbox({ ...options, waiting, isAwaited, isOver: options.hasFailed, onRefused })
  const checking = createChecking({ ...options, application: bare, waiting, onAdmitted })
  const onCarried = (hash: Uint8Array) => submissions.admit(hash, height)
  const entries = createEntries({ waiting, admit: checking.admit, onCarried })
  let final: FinalizedBlock | undefined
  let height = bare.info().height

  async function take(bytes: Uint8Array, hash: Uint8Array): Promise<void> {
    const check = await checking.admit(bytes, hash)
    if (!check.ok) return submissions.settle(hash, check)
    // It may have come by way of another node before.
    if (isAlone() || waiting.find(hash)?.entry !== undefined) submissions.admit(hash, height)
    wakeOutbox()
  }

  async function prepareProposal(
    request: Parameters<Application['prepareProposal']>[0],
  ): ReturnType<Application['prepareProposal']> {
    const { maxTransactions = Number.POSITIVE_INFINITY } = request
    if (waiting.count() < maxTransactions) await gathering.enough()
    const proposal = await bare.prepareProposal({ ...request, txs: waiting.all().map(({ bytes }) => bytes) })
    leftOut.prepared(request.timeMs, proposal)
    return proposal
  }

  async function finalizeBlock(request: FinalizeRequest): Promise<FinalizedBlock> {
    final = await bare.finalizeBlock(request)
    leftOut.decided(request)
    return final
  }

  async function commit(signed: Parameters<Application['commit']>[0]): Promise<CommittedBlock> {
    const decided = final
    final = undefined
    const written = bare.commit(signed)
    for (const hash of decided?.hashes ?? []) waiting.remove(hash)
    // At once: what comes to the check from here on may follow what waits.
    const checked = recheck(leftOut.refusals())
    turn()
    const [block] = await Promise.all([written, checked])
    height = block.height
    const waited = submissions.count()
    if (decided !== undefined) settleBlock(decided, block.height)
    gathering.turn(waited - submissions.count())
    if (!proposes()) await refuseUnanswered(block)
    onBlock(block)
    return block
  }

  /** What a block left out is refused: it would be left out of the next one too, and its sender waits. */
  async function recheck(refusals: ReadonlyMap<string, Refusal>): Promise<void> {
    const checks = waiting.all().map(({ bytes, hash }) => refusals.get(idOf(hash)) ?? bare.checkTx(bytes, 'recheck'))
    for (const check of await Promise.all(checks)) if (!check.ok) refuse(check)
  }

  function refuse(check: Refusal): void {
    waiting.remove(check.hash)
    submissions.settle(check.hash, check)
  }

  async function refuseUnanswered(block: CommittedBlock): Promise<void> {
    const looking = unanswered.look(block)
    if (looking === undefined) return
    // In the same moment, before anybody else is checked.
    const reserved = reserveAgain()
    for (const check of await looking) refuse(check)
    await reserved
    await reserveAgain()
  }

  /** What waits has its part of its signers' sequences and allowances, and nothing else has any. */
  function reserveAgain(): Promise<void> {
    bare.forgetWaiting()
    return recheck(NONE)
  }

  function onAdmitted(): void {
    gathering.add()
    options.onAdmitted()
  }

  function onRefused(refused: readonly WaitingTransaction[], why: 'full' | 'unreachable'): void {
    for (const { hash } of refused) refuse(why === 'full' ? busy(hash) : unavailable(hash))
    void reserveAgain().catch(options.onFailure)
  }

  /**
   * What CometBFT dropped is handed over again where somebody waits for it; the rest other nodes have. PERF: before the block
   * is on the disk, so that CometBFT finds something to begin with when it is.
   */
  function turn(): void {
    for (const { hash } of waiting.turn()) if (!isAwaited(hash)) waiting.remove(hash)
    wakeOutbox()
  }

  async function begunAnew(): Promise<void> {
    // Their verdicts would say of the new CometBFT what was asked by the last one.
    await Promise.all([entries.settled(), checking.settled()])
    waiting.dropAll()
    for (const { hash } of waiting.all()) if (!isAwaited(hash)) waiting.remove(hash)
    await reserveAgain()
    wakeOutbox()
  }

  function reload(): void {
    bare.reload()
    height = bare.info().height
    leftOut.clear()
    final = undefined
    void reserveAgain().catch(options.onFailure)
  }

  function settleBlock({ hashes, results }: FinalizedBlock, at: number): void {
    for (const [index, hash] of hashes.entries()) {
      const { code = 0, result = {}, detail = {} } = results[index] ?? {}
      if (code === 0) submissions.settle(hash, { ok: true, hash, height: at, index, result })
      else submissions.settle(hash, { ok: false, hash, code, detail })
    }
  }

  function line() {
    const sinceMs = waiting.first()?.cameMs
    const mempoolAgeMs = sinceMs === undefined ? 0 : performance.now() - sinceMs
    return { mempool: waiting.count() + checking.count(), mempoolBytes: waiting.bytes(), mempoolAgeMs }
  }

  function whereabouts(hash: Uint8Array): Whereabouts {
    const transaction = waiting.find(hash)
    if (transaction === undefined) return 'under check'
    if (isAlone() || transaction.entry !== undefined) return 'waits for a block'
    return transaction.isSent || !transaction.isOld ? 'handed over' : 'lost'
  }

  return {
    application: {
      ...bare,
      checkTx: entries.check,
      prepareProposal,
      finalizeBlock,
      commit,
      reload,
    },
    line,
    whereabouts,
    take,
    begunAnew,
  }
}
