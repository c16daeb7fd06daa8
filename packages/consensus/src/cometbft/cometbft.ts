import { setTimeout } from 'node:timers/promises'
import { beginningOf, type Continuation, type Genesis } from '@icn/protocol'
import type { Committed as CommittedState } from '@icn/state-machine/kernel'
import type { Application, CommittedBlock, Consensus, ConsensusStatus, Snapshots } from '../port.ts'
import { unavailable } from '../refusals.ts'
import { createAbciHandler } from './abci-handler.ts'
import { type AbciAddress, serveAbci } from './abci-server.ts'
import { createBroadcaster } from './broadcaster.ts'
import { MEMPOOL_SIZE } from './config.ts'
import { createIntake } from './intake.ts'
import { readLightBlock } from './light-block.ts'
import { snapshotsOfEngine } from './node-snapshots.ts'
import { type SlowSubmission, watchPatience } from './patience.ts'
import { takesMany } from './room.ts'
import { createRpc } from './rpc.ts'
import { createSubmissions } from './submissions.ts'
import { watchApplication } from './watch-application.ts'

export interface CometBftOptions {
  readonly application: Application
  readonly genesis: Genesis
  /** Where the network goes on from a node that was alone: CometBFT's first block is the next one. */
  readonly continues?: Continuation
  /** What the store has committed: asked at the start, and again when state sync has put another state into it. */
  readonly committed: () => CommittedState
  /** Where CometBFT reaches this process. */
  readonly abci: AbciAddress
  /** Where CometBFT answers, `http://127.0.0.1:26657`. */
  readonly rpcUrl: string
  /** State sync; without it this node neither gives nor takes snapshots. */
  readonly snapshots?: Snapshots
  /** Transactions of this node's clients that may wait at once; more are answered `busy`. */
  readonly maxWaiting?: number
  /** Transactions of all nodes that may wait in CometBFT's pool (`mempoolSize` of its configuration). */
  readonly poolSize?: number
  /** CometBFT may forget blocks below this height; 0 (the default): none. */
  readonly retainHeight?: () => number
  /** Who votes now; default: the validators of the genesis. */
  readonly validators?: () => ConsensusStatus['validators']
  /** Whether this node is the only validator now, which proposes every block; default: no. */
  readonly isAlone?: () => boolean
  /** Whether this node is one of those that propose blocks; default: yes. */
  readonly proposes?: () => boolean
  /** Called for each transaction that begins to wait for a block, whoever brought it. */
  readonly onAdmitted?: () => void
  /** Who has waited for so long is told `unavailable`; default 30,000. */
  readonly answerWithinMs?: number
  /** Called while a transaction waits for more than five seconds. */
  readonly onSlow?: (slow: SlowSubmission) => void
  /** Ends CometBFT, which must be gone before its application is; called by `close`. */
  readonly stopCometBft?: () => Promise<void>
  /** How long `close` waits for what is in CometBFT's pool; default 4,000. */
  readonly closeWithinMs?: number
}

export interface CometBft extends Consensus {
  /** What CometBFT is given as `proxy_app`. */
  readonly abciAddress: string
}

/** Clients of ours wait twice as long. */
const ANSWER_WITHIN_MS = 30_000

/**
 * Blocks by CometBFT, which runs as a process beside this one: it calls the application over a socket, and transactions are
 * handed to it over its RPC. Everything that concerns a transaction passes through the application here, so nothing but
 * refusals to take one is read from the RPC.
 */
export async function createCometBft(options: CometBftOptions): Promise<CometBft> {
  const { application, genesis, poolSize = MEMPOOL_SIZE, isAlone = () => false, closeWithinMs = 4_000 } = options
  // What CometBFT's pool would not take need not be handed over.
  const maxWaiting = Math.min(options.maxWaiting ?? poolSize, poolSize)
  const { promise: halted, reject: halt } = Promise.withResolvers<never>()
  halted.catch(() => {})
  const submissions = createSubmissions()
  const listeners = new Set<(block: CommittedBlock) => void>()
  const rpc = createRpc(options.rpcUrl)
  const broadcaster = createBroadcaster(rpc)
  let { height, timeMs, appHash } = options.committed()
  const beginsAfter = beginningOf(genesis, options.continues).height
  const storedHeight = () => options.committed().height
  let closing = false
  let failure: unknown

  const { application: watched, line } = watchApplication({
    application,
    submissions,
    poolSize,
    send: broadcaster.send,
    isAlone,
    proposes: options.proposes ?? (() => true),
    onAdmitted: options.onAdmitted ?? (() => {}),
    onBlock,
    hasFailed: () => failure !== undefined,
    onFailure: fail,
  })
  const validators = options.validators ?? (() => genesis.validators)
  const room = {
    submissions,
    waiting: () => line.state().mempool,
    maxWaiting,
    poolSize,
    nodes: () => validators().length,
  }
  const isClosed = () => closing || failure !== undefined
  const intake = createIntake({ application, submissions, line, room, isClosed, onFailure: fail })
  const handler = createAbciHandler({
    application: watched,
    genesis,
    beginsAfter,
    snapshots:
      options.snapshots &&
      snapshotsOfEngine(options.snapshots, { beginsAfter, height: () => height, storedHeight, onSynced }),
    retainHeight: options.retainHeight ?? (() => 0),
    onHandshake: line.begunAnew,
    onFailure: fail,
  })
  const server = await serveAbci(options.abci, handler)
  const { answerWithinMs = ANSWER_WITHIN_MS, onSlow = () => {} } = options
  const endPatience = watchPatience({ submissions, whereabouts: line.whereabouts, answerWithinMs, onSlow })

  function onBlock(block: CommittedBlock): void {
    ;({ height, timeMs, appHash } = block)
    for (const listener of listeners) listener(block)
  }

  function onSynced(): void {
    watched.reload()
    ;({ height, timeMs, appHash } = options.committed())
  }

  function slowestMs(): number {
    const first = submissions.first()
    return first === undefined ? 0 : performance.now() - first.cameMs
  }

  function fail(error: unknown): void {
    failure ??= error
    halt(failure)
    for (const { hash } of submissions.all()) submissions.settle(hash, unavailable(hash))
  }

  async function close(): Promise<void> {
    closing = true
    endPatience()
    const patience = new AbortController()
    await Promise.race([submissions.drained(), elapsed(closeWithinMs, patience.signal)])
    patience.abort()
    await options.stopCometBft?.()
    await server.close()
    for (const { hash } of submissions.all()) submissions.settle(hash, unavailable(hash))
    broadcaster.close()
  }

  return {
    abciAddress: server.address,
    submit: intake.submit,
    submitMany: intake.submitMany,
    takesMany: (count, before) => takesMany(room, count, before),
    status: () => ({
      kind: 'cometbft',
      chainId: genesis.chainId,
      height,
      timeMs,
      appHash,
      validators: validators(),
      ...line.state(),
      slowestMs: slowestMs(),
    }),
    lightBlock: (at) => readLightBlock(rpc, at),
    onCommit: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    halted,
    close,
  }
}

function elapsed(ms: number, signal?: AbortSignal): Promise<void> {
  return setTimeout(ms, undefined, signal && { signal }).catch(() => {})
}
