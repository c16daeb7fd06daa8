import type { Transaction } from '@icn/protocol'
import type { BlockContext } from './block-context.ts'
import type { EndEvent, LedgerEvent } from './event.ts'
import type { Outcome } from './outcome.ts'
import type { State } from './state.ts'
import type { Table } from './table.ts'
import type { ValidatorReport } from './validator-report.ts'

/** Executes one kind of transaction. `tx` passed its schema, its signature, its sequence and its allowance. */
export type Handler = (tx: Transaction, block: BlockContext, state: State) => Outcome

/** What happens by itself at the end of a block, in all modules. */
export type EndBlock = (block: BlockContext, state: State, report: ValidatorReport) => readonly EndEvent[]

/** One module of the state machine: its tables, its transaction kinds, its work at the end of a block. */
export interface StateModule {
  readonly name: string
  readonly lane: 0 | 1 | 2
  readonly tables: readonly Table[]
  /** See `ModuleTables`. */
  readonly isLater?: true
  readonly handlers: Readonly<Record<string, Handler>>
  /** Total and bounded: at most a fixed number of items a block. */
  endBlock?(block: BlockContext, state: State, report: ValidatorReport): readonly LedgerEvent[]
  /** Checks of the whole module for tests and `icn-node verify`: throws InvariantError. Cost grows with the state. */
  checkInvariants?(state: State): void
}
