import { equalBytes, sha256 } from '@icn/crypto'
import type { Application, CheckResult, CommittedBlock, FinalizedBlock, FinalizeRequest } from '../port.ts'
import { createGathering } from './gathering.ts'
import { createPoolMirror, type PoolMirror } from './pool-mirror.ts'
import { idOf, type Submissions } from './submissions.ts'

type Refusal = CheckResult & { readonly ok: false }

/** The application as CometBFT sees it, which tells those who wait what comes of their transactions. */
export interface WatchedApplication {
  readonly application: Application
  readonly pool: PoolMirror
}

/** What this node would have proposed, and what it left out of that. */
interface Prepared {
  readonly timeMs: number
  readonly txs: readonly Uint8Array[]
  readonly refused: ReadonlyMap<string, Refusal>
}

export interface WatchOptions {
  readonly application: Application
  readonly submissions: Submissions
  /** Transactions that CometBFT's pool holds, at most. */
  readonly poolSize: number
  /** Called with each block when it is on the disk and those who waited for it are answered. */
  readonly onBlock: (block: CommittedBlock) => void
}

/** How long a proposal waits for what clients send when the last block answers them. */
const GATHER_MS = 10

export function watchApplication({ application: bare, ...options }: WatchOptions): WatchedApplication {
  const { submissions, poolSize, onBlock } = options
  const pool = createPoolMirror()
  const gathering = createGathering(GATHER_MS)
  let underCheck = 0
  let prepared: Prepared | undefined
  /** What the last decided block left out though it waited; CometBFT asks about each after the commit. */
  let leftOut: ReadonlyMap<string, Refusal> = new Map()
  let final: FinalizedBlock | undefined
  let height = bare.info().height

  async function checkTx(bytes: Uint8Array, kind: 'new' | 'recheck'): Promise<CheckResult> {
    if (kind === 'new') return checked(bytes, await checkNew(bytes))
    // What a block left out is refused now: it would be left out of the next one too, and its sender waits.
    const refusal = leftOut.size === 0 ? undefined : leftOut.get(idOf(sha256(bytes)))
    return rechecked(refusal ?? (await bare.checkTx(bytes, kind)))
  }

  async function checkNew(bytes: Uint8Array): Promise<CheckResult> {
    if (isFull()) return { ok: false, hash: sha256(bytes), code: 0, detail: {} }
    underCheck++
    return bare.checkTx(bytes, 'new').finally(() => underCheck--)
  }

  /** CometBFT drops without a word what comes when its pool is full and the check is passed. */
  function isFull(): boolean {
    return pool.count() + underCheck >= poolSize
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
    const txs = await gathering.join(request.txs, request)
    const proposal = await bare.prepareProposal({ ...request, txs })
    // What came later and does not fit yet may follow something that CometBFT has still to hand over.
    const handedOver = new Set(request.txs)
    const told = proposal.refused.filter(({ bytes }) => handedOver.has(bytes))
    const refused = new Map(told.map(({ check }) => [idOf(check.hash), check]))
    prepared = { timeMs: request.timeMs, txs: proposal.txs, refused }
    return proposal
  }

  async function finalizeBlock(request: FinalizeRequest): Promise<FinalizedBlock> {
    final = await bare.finalizeBlock(request)
    leftOut = prepared !== undefined && isOf(prepared, request) ? prepared.refused : new Map()
    prepared = undefined
    return final
  }

  async function commit(signed: Parameters<Application['commit']>[0]): Promise<CommittedBlock> {
    const block = await bare.commit(signed)
    const decided = final
    final = undefined
    height = block.height
    const waited = submissions.count()
    if (decided !== undefined) settleBlock(decided, block.height)
    gathering.turn(waited - submissions.count())
    settleDropped()
    pool.turn()
    onBlock(block)
    return block
  }

  function reload(): void {
    bare.reload()
    height = bare.info().height
    prepared = undefined
    leftOut = new Map()
    final = undefined
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
        submissions.settle(hash, { ok: false, hash, code: 0, detail: {} })
      }
    }
  }

  return {
    application: {
      ...bare,
      checkTx: (bytes, kind) => checkTx(bytes, kind),
      prepareProposal,
      finalizeBlock,
      commit,
      reload,
    },
    pool,
  }
}

/** Whether what was decided is what this node prepared: only then its refusals say what the decided block left out. */
function isOf({ timeMs, txs }: Prepared, decided: FinalizeRequest): boolean {
  if (timeMs !== decided.timeMs || txs.length !== decided.txs.length) return false
  return txs.every((bytes, index) => equalBytes(bytes, decided.txs[index] ?? new Uint8Array(0)))
}
