import { TransactionReject } from '@icn/protocol'
import type { Application, CommittedBlock, Refusal } from '../port.ts'
import type { LeftOut } from './left-out.ts'
import type { Submissions } from './submissions.ts'

/**
 * What waits at a node that proposes nothing. Those who propose leave out what the rules refuse and tell only who sent it
 * through them; here CometBFT would ask about it after every block, and its sender would wait until it expires.
 */
export interface Unanswered {
  /** A block was committed. Refuses what none of the last blocks took and the rules would not accept now either. */
  readonly look: (block: Pick<CommittedBlock, 'height' | 'timeMs'>) => Promise<void>
}

export interface UnansweredOptions {
  readonly application: Application
  readonly submissions: Submissions
  readonly leftOut: LeftOut
}

/** A transaction is with those who propose within one or two. */
const BLOCKS = 3
/** PERF: each is executed once more after every block while it waits. */
const MOST = 100

export function createUnanswered({ application, submissions, leftOut }: UnansweredOptions): Unanswered {
  async function look({ height, timeMs }: Pick<CommittedBlock, 'height' | 'timeMs'>): Promise<void> {
    if (submissions.count() === 0 || application.needsUpgrade() !== undefined) return
    const due = submissions.all().filter(({ firstAdmittedAt = height }) => firstAdmittedAt <= height - BLOCKS)
    if (due.length === 0) return
    const txs = due.slice(0, MOST).map(({ bytes }) => bytes)
    const place = { maxTxBytes: Number.POSITIVE_INFINITY, height: height + 1, timeMs }
    const { refused } = await application.prepareProposal({ txs, ...place })
    // CometBFT has all that waits checked again after this, and what is due takes its place as others do.
    application.forgetWaiting()
    const told = refused.map(({ check }) => check).filter(isFinal)
    leftOut.add(told)
    for (const check of told) submissions.settle(check.hash, check)
  }

  return { look }
}

/** What comes before it in its signer's sequence may wait at another node. */
function isFinal({ code }: Refusal): boolean {
  return code !== TransactionReject.BAD_SEQUENCE
}
