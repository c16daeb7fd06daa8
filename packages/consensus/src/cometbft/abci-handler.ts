import { setTimeout } from 'node:timers/promises'
import { toHex } from '@icn/crypto'
import { type Genesis, genesisHash } from '@icn/protocol'
import {
  CheckTxType,
  ResponseProcessProposal_ProposalStatus as ProposalStatus,
  Request,
  type RequestFinalizeBlock,
  type RequestInitChain,
  type RequestPrepareProposal,
  type Response,
  ResponseVerifyVoteExtension_VerifyStatus as VerifyStatus,
} from 'cosmjs-types/tendermint/abci/types'
import type { Application, Snapshots } from '../port.ts'
import type { AbciHandler } from './abci-server.ts'
import { createBlockBudget } from './block-budget.ts'
import { checkResponse, finalizedResponse, millisecondsOf, reportOf, respond } from './messages.ts'
import { answerSnapshots } from './snapshot-calls.ts'

export interface AbciHandlerOptions {
  readonly application: Application
  readonly genesis: Genesis
  /** Height of the state with which CometBFT begins; its first block is the next one. */
  readonly beginsAfter: number
  readonly snapshots?: Snapshots | undefined
  /** Blocks below it CometBFT may forget; 0: none. */
  readonly retainHeight: () => number
  /** CometBFT started anew: what it knew of waiting transactions is gone. It is answered when this resolves. */
  readonly onHandshake: () => Promise<void>
  /** The application broke; CometBFT is told with an exception, and ends. */
  readonly onFailure: (error: unknown) => void
}

/** The genesis with which CometBFT was started is not this network's. */
export class WrongGenesis extends Error {
  override readonly name = 'WrongGenesis'
  readonly code = 'WRONG_GENESIS'
}

/** A call that does not fit what came before: whoever sent it is told so, and nothing happens. */
class OutOfOrder extends Error {
  override readonly name = 'OutOfOrder'
}

/**
 * How long a node whose program is too old for the next block goes on to hand out the last one. Its CometBFT ends with it,
 * and a node that has not seen enough votes on that block would wait for it.
 */
const LAST_BLOCK_MS = 1_500

/**
 * A transaction in the protobuf of a block stands behind a tag and its length. CometBFT counts both, and makes no proposal at
 * all of what is more than it asked for.
 */
const FIELD_BYTES = 1 + 3

const FLUSHED = respond({ flush: {} })
const NOTHING = new Uint8Array(0)

/**
 * The calls of ABCI 2.0 on the application. Verdicts on waiting transactions are given beside everything else; all other
 * calls, whatever connection they come from, run one after the other.
 */
export function createAbciHandler(options: AbciHandlerOptions): AbciHandler {
  const { application, snapshots, onHandshake, onFailure } = options
  const budget = createBlockBudget()
  let last: Promise<unknown> = Promise.resolve()
  let failure: unknown
  /** Name of the block that was finalized and not committed yet. */
  let decidedHash: Uint8Array | undefined
  /** Nothing is answered any more. */
  let stopping: Promise<void> | undefined

  function answer(bytes: Uint8Array, isFirst: boolean): Uint8Array | Promise<Uint8Array> | undefined {
    const request = decode(bytes)
    if (request === undefined) return undefined
    if (request.flush !== undefined) return FLUSHED
    if (request.echo !== undefined) return respond({ echo: { message: request.echo.message } })
    if (failure !== undefined) return exception(failure)
    if (request.checkTx !== undefined) return guarded(check(request.checkTx.tx, request.checkTx.type))
    if (request.info !== undefined && isFirst) last = last.then(onHandshake)
    const own = last.then(() => run(request))
    last = own.catch(() => {})
    return guarded(own)
  }

  /** PERF: thousands a second, so the answers to good ones are one frame, made once. */
  async function check(tx: Uint8Array, type: CheckTxType): Promise<Uint8Array> {
    const verdict = await application.checkTx(tx, type === CheckTxType.RECHECK ? 'recheck' : 'new')
    return verdict.ok ? ADMITTED : checkResponse(verdict.code === 0 ? BUSY : verdict.code)
  }

  function guarded(answering: Promise<Uint8Array>): Promise<Uint8Array> {
    return answering.catch((error: unknown) => {
      if (error instanceof OutOfOrder) return exception(error)
      fail(error)
      return exception(error)
    })
  }

  async function run(request: Request): Promise<Uint8Array> {
    await stopping
    if (failure !== undefined) return exception(failure)
    return respond(await call(request))
  }

  /** Where the next block needs a newer program: ends this one, but for a moment in which others get the last block. */
  function stopForUpgrade(): Promise<void> | undefined {
    const needed = application.needsUpgrade()
    return needed && setTimeout(LAST_BLOCK_MS, needed, { ref: false }).then(fail)
  }

  function fail(error: unknown): void {
    failure ??= error
    onFailure(error)
  }

  async function call(request: Request): Promise<Response> {
    if (request.info !== undefined) return { info: info() }
    if (request.initChain !== undefined) return { initChain: await initChain(request.initChain) }
    if (request.prepareProposal !== undefined) return { prepareProposal: await prepare(request.prepareProposal) }
    if (request.processProposal !== undefined) {
      const { txs, height, time } = request.processProposal
      const place = { height: Number(height), timeMs: millisecondsOf(time) }
      budget.begin(place.height, performance.now())
      const accepted = await application.processProposal({ txs, ...place })
      return { processProposal: { status: accepted ? ProposalStatus.ACCEPT : ProposalStatus.REJECT } }
    }
    if (request.finalizeBlock !== undefined) return { finalizeBlock: await finalize(request.finalizeBlock) }
    if (request.commit !== undefined) {
      if (decidedHash === undefined) throw new OutOfOrder('commit without a finalized block')
      const { height, transactions } = await application.commit({ hash: decidedHash, header: NOTHING })
      budget.end(height, transactions, performance.now())
      decidedHash = undefined
      stopping = stopForUpgrade()
      return { commit: { retainHeight: BigInt(options.retainHeight()) } }
    }
    // Vote extensions are off: these are never asked for, and empty ones change nothing.
    if (request.extendVote !== undefined) return { extendVote: { voteExtension: NOTHING } }
    if (request.verifyVoteExtension !== undefined) return { verifyVoteExtension: { status: VerifyStatus.ACCEPT } }
    if (request.query !== undefined) return { query: noQuery(application.info().height) }
    return answerSnapshots(snapshots, request)
  }

  function info(): NonNullable<Response['info']> {
    const { height, appHash, version } = application.info()
    // To a state that CometBFT has made no block of, it has to say what it begins with: `InitChain`.
    const isBeginning = height <= options.beginsAfter
    const lastBlock = isBeginning
      ? { lastBlockHeight: 0n, lastBlockAppHash: NOTHING }
      : { lastBlockHeight: BigInt(height), lastBlockAppHash: appHash }
    return { data: 'icn', version, appVersion: 0n, ...lastBlock }
  }

  async function initChain(request: RequestInitChain): Promise<NonNullable<Response['initChain']>> {
    const { chainId, appStateBytes, initialHeight } = request
    const expected = toHex(genesisHash(options.genesis))
    const given = genesisHashIn(appStateBytes)
    if (chainId !== options.genesis.chainId || given !== expected) {
      const found = `CometBFT was started with the genesis of ${chainId} (hash ${given})`
      throw new WrongGenesis(`${found}, this node is of ${options.genesis.chainId} (hash ${expected})`)
    }
    const { height } = application.info()
    if (Number(initialHeight) !== height + 1) {
      const found = `CometBFT was started with a genesis whose first block is ${initialHeight}`
      throw new WrongGenesis(`${found}, and the state of this node is at height ${height}`)
    }
    const { appHash } = await application.initChain()
    return { validators: [], appHash }
  }

  async function prepare(request: RequestPrepareProposal): Promise<NonNullable<Response['prepareProposal']>> {
    const place = { height: Number(request.height), timeMs: millisecondsOf(request.time) }
    budget.begin(place.height, performance.now())
    const proposal = await application.prepareProposal({
      txs: request.txs,
      maxTxBytes: Number(request.maxTxBytes),
      bytesAround: FIELD_BYTES,
      maxTransactions: budget.most(),
      ...place,
    })
    return { txs: proposal.txs }
  }

  async function finalize(request: RequestFinalizeBlock): Promise<NonNullable<Response['finalizeBlock']>> {
    const { txs, height, time, hash } = request
    const next = application.info().height + 1
    if (Number(height) !== next) throw new OutOfOrder(`block ${height} was decided, expected ${next}`)
    const place = { height: Number(height), timeMs: millisecondsOf(time) }
    const final = await application.finalizeBlock({ txs, ...place, report: reportOf(request) })
    decidedHash = Uint8Array.from(hash)
    return finalizedResponse(final)
  }

  return { answer }
}

/** What CometBFT is told where the node's own bound refuses and no rule does; its own code for errors that have none. */
const BUSY = 1
const ADMITTED = checkResponse(0)

/** `undefined` for bytes that are no request that we know. */
function decode(bytes: Uint8Array): Request | undefined {
  try {
    const request = Request.decode(bytes)
    return Object.values(request).some((value) => value !== undefined) ? request : undefined
  } catch {
    return undefined
  }
}

function exception(error: unknown): Uint8Array {
  return respond({ exception: { error: error instanceof Error ? error.message : String(error) } })
}

function genesisHashIn(appState: Uint8Array): string {
  try {
    const { genesisHash: hash } = JSON.parse(Buffer.from(appState).toString('utf8')) as { genesisHash?: unknown }
    return typeof hash === 'string' ? hash : 'none'
  } catch {
    return 'none'
  }
}

/** State is read over our own interface, with proofs. */
function noQuery(height: number): NonNullable<Response['query']> {
  const nothing = { info: '', index: 0n, key: NOTHING, value: NOTHING, codespace: '' }
  return { ...nothing, code: 1, log: 'ask the HTTP interface of the node', height: BigInt(height) }
}
