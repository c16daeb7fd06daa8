import { isStrictPublicKey, sha256 } from '@icn/crypto'
import { type Genesis, Limits, type ParsedTransaction, type Transaction, TransactionReject } from '@icn/protocol'
import { checkEnvelope, type Moment, payerOf } from './envelope.ts'
import {
  assert,
  type BlockContext,
  type EndBlock,
  type EndEvent,
  FIRST_RULES,
  type Handler,
  type LaneEntry,
  type ModuleTables,
  type Outcome,
  type Queue,
  type Refused,
  type RowChange,
  type RowReader,
  reject,
  type State,
  type StateModule,
  type Table,
  type TransactionRecord,
  type ValidatorReport,
  type ValidatorUpdate,
} from './kernel/index.ts'
import { createGovernanceModule } from './modules/governance/index.ts'
import { identityModule, registrationKey, signers, signingKey } from './modules/identity/index.ts'
import { lanesModule, logEvents } from './modules/lanes/index.ts'
import { membershipModule } from './modules/membership/index.ts'
import {
  isRenewal,
  networkModule,
  paramsInForce,
  UpgradeNeeded,
  updatesOf,
  upgradeInForce,
} from './modules/network/index.ts'
import { REVISIONS, type Revision, rulesOfVersion, versionsOf } from './revisions.ts'

/** The rules of one network: synchronous, without clock, randomness or I/O. */
export interface Machine {
  readonly genesis: Genesis
  /** The latest version of the rules that this program knows; a decision for a higher one ends what it may execute. */
  readonly version: number
  /** Modules and their tables, as a store needs them. */
  readonly modules: readonly ModuleTables[]
  /** The key that must have signed; `undefined` where nobody can sign as this signer with this key on this network. */
  keyFor(tx: Transaction, state: State): Uint8Array | undefined
  /** Whether a transaction may be executed now, apart from signature and handler. Reads one or two rows. */
  check(tx: Transaction, at: Moment, state: State): Refused | undefined
  /**
   * Executes one transaction. A refusal leaves the state as it was.
   *
   * @param isSigned - whether the transaction bears a valid signature of this key
   */
  execute(
    parsed: ParsedTransaction,
    block: BlockContext,
    state: State,
    isSigned: (publicKey: Uint8Array) => boolean,
  ): Outcome
  /**
   * Takes sequence and allowance of a transaction that `check` let pass, without executing it: for a view in which the
   * next transaction of the same signer is checked while this one still waits.
   */
  reserve(tx: Transaction, at: Moment, state: State): void
  /** When the next deadline is due; `undefined` where nothing waits. Reads one row a queue. */
  nextDueMs(state: State): number | undefined
  /** Whether a table is a queue of deadlines. */
  isQueue(table: Table): boolean
  /** What happens by itself at the end of a block: total and bounded. */
  endBlock(block: BlockContext, state: State, report: ValidatorReport): readonly EndEvent[]
  /**
   * Adds what happened in a block to the logs of its lanes, after its end. Cost: an encoding and a hash for each transaction.
   *
   * @returns what was added; nothing where nothing happened
   */
  logEvents(
    at: Moment,
    transactions: readonly TransactionRecord[],
    atEnd: readonly EndEvent[],
    state: State,
  ): readonly LaneEntry[]
  /** What the changes of the block of this height mean for the set of validators. @param before - the rows before the block */
  validatorUpdates(changes: readonly RowChange[], before: RowReader, height: number): readonly ValidatorUpdate[]
  /**
   * The version of the rules by which a block is made; `state` is that before the block. Reads one row, or two.
   *
   * @throws UpgradeNeeded where the network decided on newer rules than this program knows
   */
  rulesAt(height: number, state: State): number
  /** The lane of a kind: 0 core, 1 marketplace, 2 storage. */
  laneOf(kind: string): number
  /** Throws InvariantError where what must always hold does not. Cost grows with the whole state. */
  checkInvariants(state: State): void
}

export interface MachineOptions {
  readonly genesis: Genesis
  /** Versions of the rules after the first one, in their order. Default: those of this program, `REVISIONS`. */
  readonly revisions?: readonly Revision[]
  /** Work on counts in a block, in units; for tests. Nodes of one network need the same. */
  readonly countUnitsPerBlock?: number
}

export function createMachine({
  genesis,
  revisions = REVISIONS,
  countUnitsPerBlock = Limits.countUnitsPerBlock,
}: MachineOptions): Machine {
  const modules: readonly StateModule[] = [
    identityModule,
    membershipModule,
    networkModule(genesis),
    createGovernanceModule(countUnitsPerBlock),
    lanesModule,
  ]
  const lanes = new Map<string, number>()
  const handlers = new Map<string, Handler>()
  for (const { handlers: own, lane } of modules) {
    for (const [kind, handler] of Object.entries(own)) {
      lanes.set(kind, lane)
      handlers.set(kind, handler)
    }
  }
  const endOfModules: EndBlock = (block, state, report) =>
    modules.flatMap(({ lane, endBlock }) =>
      (endBlock?.(block, state, report) ?? []).map((event) => ({ ...event, lane })),
    )
  const versions = versionsOf({ handlers, endBlock: endOfModules }, revisions)
  const version = versions.at(-1)?.version ?? FIRST_RULES
  const atGenesis = new Map(genesis.validators.map(({ publicKey, power }) => [publicKey, power]))
  const paramsOf = (state: State) => paramsInForce(state, genesis.params)
  const queues = modules.flatMap(({ tables }) => tables).filter(isQueue)

  function keyFor(tx: Transaction, state: State): Uint8Array | undefined {
    if (tx.chainId !== genesis.chainId) return undefined
    if (tx.body.kind === 'identity.register') return registrationKey(tx)
    return signingKey(state, tx.signer, tx.keyId)
  }

  function execute(
    parsed: ParsedTransaction,
    block: BlockContext,
    state: State,
    isSigned: (publicKey: Uint8Array) => boolean,
  ): Outcome {
    const { tx } = parsed
    const key = keyFor(tx, state)
    if (key === undefined || !isSigned(key) || !isSoundKey(tx, key, state))
      return reject(TransactionReject.BAD_SIGNATURE)
    const params = paramsOf(state)
    const refused = checkEnvelope(tx, block, state, params)
    if (refused !== undefined) return refused
    const pay = payerOf(tx, block, state, params)
    const outcome = handlerOf(tx.body.kind, block.rules)(tx, block, state)
    if (outcome.ok) pay()
    return outcome
  }

  function handlerOf(kind: string, rules: number): Handler {
    const handler = rulesOfVersion(versions, rules).handlers.get(kind)
    assert(handler !== undefined, `every kind of transaction has a handler, ${kind} too`)
    return handler
  }

  function nextDueMs(state: State): number | undefined {
    let next: number | undefined
    for (const queue of queues) {
      for (const { dueMs } of state.open(queue).scan([], { limit: 1 })) next = Math.min(next ?? dueMs, dueMs)
    }
    return next
  }

  function rulesAt(height: number, state: State): number {
    const upgrade = upgradeInForce(state, height)
    if (upgrade !== undefined && upgrade.version > version) throw new UpgradeNeeded(upgrade, version)
    return upgrade?.version ?? FIRST_RULES
  }

  function checkInvariants(state: State): void {
    for (const module of modules) module.checkInvariants?.(state)
  }

  return {
    genesis,
    version,
    modules: modules.map(({ name, tables, isLater }) => ({ name, tables, ...(isLater === true && { isLater }) })),
    keyFor,
    check: (tx, at, state) => checkEnvelope(tx, at, state, paramsOf(state)),
    reserve: (tx, at, state) => payerOf(tx, at, state, paramsOf(state))(),
    execute,
    nextDueMs,
    isQueue,
    endBlock: (block, state, report) => rulesOfVersion(versions, block.rules).endBlock(block, state, report),
    logEvents,
    validatorUpdates: (changes, before, height) =>
      updatesOf(changes, isRenewal(genesis, height) ? undefined : before, atGenesis),
    rulesAt,
    laneOf: (kind) => lanes.get(kind) ?? 0,
    checkInvariants,
  }
}

function isQueue(table: Table): table is Table & Queue {
  return table.keyNames[0] === 'dueMs'
}

/**
 * A did:key comes with its key, so its point is checked when the signer first acts: 50 µs once and not with every
 * transaction. Keys of a did:icn are checked when they are added.
 */
function isSoundKey(tx: Transaction, key: Uint8Array, state: State): boolean {
  if (!tx.signer.startsWith('did:key:')) return true
  const signer = state.open(signers).get({ did: tx.signer })
  return (signer !== undefined && signer.sequence > 0) || isStrictPublicKey(key)
}

/** The context of what happens at the end of a block of `transactions` transactions. @param rules - their version */
export function endOfBlock(chainId: string, at: Moment, transactions: number, rules: number): BlockContext {
  const seed = sha256(new TextEncoder().encode(`${chainId} ${at.height}`))
  return { chainId, ...at, index: transactions, seed, rules }
}
