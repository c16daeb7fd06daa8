import type { Application, CommittedBlock, FinalizedBlock, FinalizeRequest } from '../port.ts'
import { createGathering } from './gathering.ts'
import { createLeftOut } from './left-out.ts'
import { createLine, type Line, type LineOptions } from './line.ts'
import { createUnanswered } from './unanswered.ts'

/** The application as CometBFT sees it, which tells those who wait what comes of their transactions. */
export interface WatchedApplication {
  readonly application: Application
  readonly line: Pick<Line, 'take' | 'begunAnew' | 'state' | 'whereabouts'>
}

export interface WatchOptions extends Omit<LineOptions, 'height'> {
  /** Whether this node is one of those that propose blocks. */
  readonly proposes: () => boolean
  /** Called with each block when it is on the disk and those who waited for it are answered. */
  readonly onBlock: (block: CommittedBlock) => void
}

/** How long a proposal waits for what clients send when the last block answers them. */
const GATHER_MS = 10

/**
 * The node itself keeps what waits, checks it and proposes it: CometBFT's pool does nothing but carry it to other nodes,
 * in parcels, and tell when there is something to make a block of.
 */
export function watchApplication({ application: bare, ...options }: WatchOptions): WatchedApplication {
  const { submissions, proposes, onBlock, onFailure } = options
  const gathering = createGathering(GATHER_MS)
  const leftOut = createLeftOut()
  const unanswered = createUnanswered({ application: bare, submissions })
  const line = createLine({ ...options, application: bare, height: () => height, onAdmitted })
  const { waiting } = line
  let final: FinalizedBlock | undefined
  let height = bare.info().height

  function onAdmitted(): void {
    gathering.add()
    options.onAdmitted()
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
    // At once: what comes to the check from here on may follow what waits. PERF: CometBFT finds something to begin with when
    // the block is on the disk.
    const checked = line.decided(decided?.hashes ?? [], leftOut.refusals())
    const [block] = await Promise.all([written, checked])
    height = block.height
    const waited = submissions.count()
    if (decided !== undefined) settleBlock(decided, block.height)
    gathering.turn(waited - submissions.count())
    if (!proposes()) await refuseUnanswered(block)
    onBlock(block)
    return block
  }

  async function refuseUnanswered(block: CommittedBlock): Promise<void> {
    const looking = unanswered.look(block)
    if (looking === undefined) return
    // In the same moment, before anybody else is checked.
    const reserved = line.reserveAgain()
    for (const check of await looking) line.refuse(check)
    await reserved
    await line.reserveAgain()
  }

  function reload(): void {
    bare.reload()
    height = bare.info().height
    leftOut.clear()
    final = undefined
    void line.reserveAgain().catch(onFailure)
  }

  function settleBlock({ hashes, results }: FinalizedBlock, at: number): void {
    for (const [index, hash] of hashes.entries()) {
      const { code = 0, result = {}, detail = {} } = results[index] ?? {}
      if (code === 0) submissions.settle(hash, { ok: true, hash, height: at, index, result })
      else submissions.settle(hash, { ok: false, hash, code, detail })
    }
  }

  return { application: { ...bare, checkTx: line.check, prepareProposal, finalizeBlock, commit, reload }, line }
}
