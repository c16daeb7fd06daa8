import { equalBytes } from '@icn/crypto'
import { verifyTransaction } from '@icn/protocol'
import { endOfBlock, type Machine, type Moment } from '@icn/state-machine'
import {
  accept,
  createOverlay,
  type EndEvent,
  type LaneEntry,
  type Outcome,
  type RowChange,
  reject,
  type StateStore,
  type TransactionRecord,
  type ValidatorReport,
} from '@icn/state-machine/kernel'
import type { KnownTransaction, WellFormed } from './transaction-cache.ts'

/** The block being executed: its transactions so far and the state that they left, over the committed one. */
export interface BlockInWork extends Moment {
  /** Executes one more; a refusal changes nothing. */
  execute(known: KnownTransaction): Outcome
  /** Makes it part of the block with what came of it. */
  include(known: KnownTransaction, outcome: Outcome): void
  readonly records: readonly TransactionRecord[]
  readonly details: readonly NonNullable<(Outcome & { ok: false })['detail']>[]
  /** Runs what happens at the end of the block; once. */
  end(report: ValidatorReport): EndOfBlock
}

export interface EndOfBlock {
  readonly changes: readonly RowChange[]
  readonly events: readonly EndEvent[]
  /** What the logs of lanes got. */
  readonly lanes: readonly LaneEntry[]
}

/** @throws UpgradeNeeded where this block is made by newer rules */
export function beginBlock(machine: Machine, store: StateStore, { height, timeMs }: Moment): BlockInWork {
  const overlay = createOverlay(store)
  const rules = machine.rulesAt(height, overlay)
  const { chainId } = machine.genesis
  const records: TransactionRecord[] = []
  const details: NonNullable<(Outcome & { ok: false })['detail']>[] = []

  function execute(known: KnownTransaction): Outcome {
    if (!known.ok) return reject(known.code, known.detail)
    const { parsed } = known
    const block = { chainId, height, timeMs, index: records.length, seed: parsed.hash, rules }
    return machine.execute(parsed, block, overlay, (key) => isSigned(known, key))
  }

  function include(known: KnownTransaction, outcome: Outcome): void {
    const { events, result } = outcome.ok ? outcome : accept([])
    const code = outcome.ok ? 0 : outcome.code
    records.push({ ...describe(machine, known), code, result, events })
    details.push((outcome.ok ? undefined : outcome.detail) ?? {})
  }

  function end(report: ValidatorReport): EndOfBlock {
    const block = endOfBlock(chainId, { height, timeMs }, records.length, rules)
    const events = machine.endBlock(block, overlay, report)
    const lanes = machine.logEvents({ height, timeMs }, records, events, overlay)
    return { changes: overlay.changes(), events, lanes }
  }

  return { height, timeMs, execute, include, records, details, end }
}

/** The verdict of the admission stands unless the signer's key has changed since. */
function isSigned({ parsed, verifiedKey }: WellFormed, key: Uint8Array): boolean {
  return (verifiedKey !== undefined && equalBytes(verifiedKey, key)) || verifyTransaction(parsed, key)
}

function describe(
  machine: Machine,
  known: KnownTransaction,
): Pick<TransactionRecord, 'hash' | 'signer' | 'kind' | 'lane' | 'bytes'> {
  if (!known.ok) return { hash: known.hash, signer: '', kind: '', lane: 0, bytes: known.bytes }
  const { tx, hash, bytes } = known.parsed
  return { hash, signer: tx.signer, kind: tx.body.kind, lane: machine.laneOf(tx.body.kind), bytes }
}
