import { sha256 } from '@icn/crypto'
import type { Application, CheckResult, CommittedBlock, FinalizedBlock, FinalizeRequest } from '../port.ts'
import { busy } from '../refusals.ts'
import type { Broadcast } from './broadcaster.ts'
import { createGathering } from './gathering.ts'
import { createLeftOut } from './left-out.ts'
import { createOwnQueue } from './own-queue.ts'
import { createPoolMirror, type PoolMirror } from './pool-mirror.ts'
import { idOf, type Submissions } from './submissions.ts'
import { createUnanswered } from './unanswered.ts'

/** The application as CometBFT sees it, which tells those who wait what comes of their transactions. */
export interface WatchedApplication {
  readonly application: Application
  /** What waits in CometBFT. */
  readonly pool: Pick<PoolMirror, 'has'>
  /** How many transactions wait, as far as this node knows. */
  readonly count: () => number
  /** Takes a transaction of a client of this node, the only one that proposes. */
  readonly takeOwn: (bytes: Uint8Array, hash: Uint8Array) => Promise<void>
  /**
   * CometBFT begins anew, with an empty pool: what waits has to be handed to it. Resolves when nothing is on its way
   * through a check that the last one asked for.
   */
  readonly forget: () => Promise<void>
}

export interface WatchOptions {
  readonly application: Application
  readonly submissions: Submissions
  /** Transactions that CometBFT's pool holds, at most. */
  readonly poolSize: number
  /** Hands a transaction to CometBFT. */
  readonly send: (bytes: Uint8Array) => Promise<Broadcast>
  /** Whether this node is the only validator now. */
  readonly isAlone: () => boolean
  /** Whether this node is one of those that propose blocks. */
  readonly proposes: () => boolean
  /** What waited here has to be handed to CometBFT. */
  readonly onLost: () => void
  /** Called with each block when it is on the disk and those who waited for it are answered. */
  readonly onBlock: (block: CommittedBlock) => void
}

/** How long a proposal waits for what clients send when the last block answers them. */
const GATHER_MS = 10

export function watchApplication({ application: bare, ...options }: WatchOptions): WatchedApplication {
  const { submissions, poolSize, proposes, onBlock } = options
  const pool = createPoolMirror()
  const own = createOwnQueue({ ...options, application: bare })
  const count = () => pool.count() + own.count()
  const gathering = createGathering(GATHER_MS)
  const leftOut = createLeftOut()
  const unanswered = createUnanswered({ application: bare, submissions, leftOut })
  const checks = new Set<Promise<unknown>>()
  let underCheck = 0
  let final: FinalizedBlock | undefined
  let height = bare.info().height

  async function checkTx(bytes: Uint8Array, kind: 'new' | 'recheck'): Promise<CheckResult> {
    // The bell: it was checked when it came.
    if (own.count() > 0) {
      const hash = sha256(bytes)
      if (own.has(hash)) return { ok: true, hash }
    }
    if (kind === 'new') return checked(bytes, await checkNew(bytes))
    // What a block left out is refused now: it would be left out of the next one too, and its sender waits.
    const refusals = leftOut.refusals()
    const refusal = refusals.size === 0 ? undefined : refusals.get(idOf(sha256(bytes)))
    return rechecked(refusal ?? (await bare.checkTx(bytes, kind)))
  }

  async function checkNew(bytes: Uint8Array): Promise<CheckResult> {
    if (isFull()) return busy(sha256(bytes))
    underCheck++
    return bare.checkTx(bytes, 'new').finally(() => underCheck--)
  }

  /** CometBFT drops without a word what comes when its pool is full and the check is passed. */
  function isFull(): boolean {
    return count() + underCheck >= poolSize
  }

  function checked(bytes: Uint8Array, check: CheckResult): CheckResult {
    const { hash } = check
    // CometBFT forgot that it has it: what refuses it is that it waits already.
    if (!check.ok && pool.has(hash)) return check
    if (check.ok) {
      pool.add(hash)
      gathering.add(bytes)
      submissions.admit(hash, height)
    } else submissions.settle(hash, check)
    return check
  }

  async function takeOwn(bytes: Uint8Array, hash: Uint8Array): Promise<void> {
    // It came by way of another node before, or waits though its sender was told that it takes too long.
    if (pool.has(hash) || own.has(hash)) return submissions.admit(hash, height)
    const { rung } = await noted(addOwn(bytes, hash))
    await rung
  }

  async function addOwn(bytes: Uint8Array, hash: Uint8Array): Promise<{ readonly rung: Promise<void> | undefined }> {
    const check = await checkNew(bytes)
    if (!check.ok) {
      submissions.settle(hash, check)
      return { rung: undefined }
    }
    submissions.admit(hash, height)
    gathering.add(bytes)
    return { rung: own.add(bytes, hash) }
  }

  function noted<T>(check: Promise<T>): Promise<T> {
    checks.add(check)
    const done = () => checks.delete(check)
    check.then(done, done)
    return check
  }

  function rechecked(check: CheckResult): CheckResult {
    if (check.ok) {
      pool.add(check.hash)
      submissions.admit(check.hash, height)
    } else {
      pool.remove(check.hash)
      submissions.settle(check.hash, check)
    }
    return check
  }

  async function prepareProposal(
    request: Parameters<Application['prepareProposal']>[0],
  ): ReturnType<Application['prepareProposal']> {
    const given = withOwn(request.txs)
    const txs = await gathering.join(given, request)
    const proposal = await bare.prepareProposal({ ...request, txs })
    // What came later and does not fit yet may follow something that CometBFT has still to hand over.
    leftOut.prepared(request.timeMs, proposal, new Set([...given, ...own.waiting()]))
    return proposal
  }

  /** What CometBFT hands over, and behind it what this node took itself, of which CometBFT has one too. */
  function withOwn(txs: readonly Uint8Array[]): readonly Uint8Array[] {
    if (own.count() === 0) return txs
    return [...txs.filter((bytes) => !own.has(sha256(bytes))), ...own.waiting()]
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
    // At once: what comes to the check from here on may follow what waits.
    const turned = own.turn(height + 1, decided?.hashes ?? [], leftOut.refusals())
    const [block] = await Promise.all([written, turned])
    height = block.height
    const waited = submissions.count()
    if (decided !== undefined) settleBlock(decided, block.height)
    gathering.turn(waited - submissions.count())
    settleDropped()
    if (!proposes()) await unanswered.look(block)
    pool.turn()
    onBlock(block)
    return block
  }

  function reload(): void {
    bare.reload()
    height = bare.info().height
    leftOut.clear()
    final = undefined
  }

  async function forget(): Promise<void> {
    // Their verdicts would say of the new CometBFT what was asked by the last one.
    await Promise.allSettled(checks)
    pool.clear()
    own.clear()
    bare.forgetWaiting()
    submissions.release()
  }

  function settleBlock({ hashes, results }: FinalizedBlock, at: number): void {
    for (const [index, hash] of hashes.entries()) {
      pool.remove(hash)
      const { code = 0, result = {}, detail = {} } = results[index] ?? {}
      if (code === 0) submissions.settle(hash, { ok: true, hash, height: at, index, result })
      else submissions.settle(hash, { ok: false, hash, code, detail })
    }
  }

  /** CometBFT asks about all that waits after each commit; what it has not asked about since the last one it dropped. */
  function settleDropped(): void {
    for (const { hash, admittedAt } of submissions.all()) {
      if (admittedAt !== undefined && admittedAt < height - 1) {
        submissions.settle(hash, busy(hash))
      }
    }
  }

  return {
    application: {
      ...bare,
      checkTx: (bytes, kind) => noted(checkTx(bytes, kind)),
      prepareProposal,
      finalizeBlock,
      commit,
      reload,
    },
    pool,
    count,
    takeOwn,
    forget,
  }
}
