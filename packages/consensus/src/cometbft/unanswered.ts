import { TransactionReject } from '@icn/protocol'
import type { Application, CommittedBlock, Refusal } from '../port.ts'
import type { Submissions } from './submissions.ts'

/**
 * What waits at a node that proposes nothing. Those who propose leave out what the rules refuse and tell only who sent it
 * through them; here CometBFT would ask about it after every block, and its sender would wait until it expires.
 */
export interface Unanswered {
  /**
   * A block was committed. Answers what none of the last blocks took and the rules would not accept now either; `undefined`
   * where nothing has waited for so long. From the call on, what else waits has nothing reserved.
   */
  readonly look: (block: Pick<CommittedBlock, 'height' | 'timeMs'>) => Promise<readonly Refusal[]> | undefined
}

export interface UnansweredOptions {
  readonly application: Application
  readonly submissions: Submissions
}

/** A transaction is with those who propose within one or two. */
const BLOCKS = 3
/** PERF: each is executed once more after every block while it waits. */
const MOST = 100

export function createUnanswered({ application, submissions }: UnansweredOptions): Unanswered {
  function look({ height, timeMs }: Pick<CommittedBlock, 'height' | 'timeMs'>) {
    if (submissions.count() === 0 || application.needsUpgrade() !== undefined) return undefined
    const due = submissions.all().filter(({ admittedAt = height }) => admittedAt <= height - BLOCKS)
    if (due.length === 0) return undefined
    const txs = due.slice(0, MOST).map(({ bytes }) => bytes)
    return refusedOf({ txs, maxTxBytes: Number.POSITIVE_INFINITY, height: height + 1, timeMs })
  }

  async function refusedOf(request: Parameters<Application['prepareProposal']>[0]): Promise<readonly Refusal[]> {
    const { refused } = await application.prepareProposal(request)
    return refused.map(({ check }) => check).filter(isFinal)
  }

  return { look }
}

/** What comes before it in its signer's sequence may wait at another node. */
function isFinal({ code }: Refusal): boolean {
  return code !== TransactionReject.BAD_SEQUENCE
}
