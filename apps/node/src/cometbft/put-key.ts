import type { ConsensusStatus } from '@icn/consensus'
import { validatorAddress } from '@icn/protocol'
import type { BlockRecord } from '@icn/state-machine/kernel'
import type { Logger } from 'pino'

/**
 * So many blocks in a row must come without a key that was put into a folder before the node votes with it: it may still be
 * at work on the machine from which it came, and two nodes with one key sign twice.
 */
export const QUIET_BLOCKS = 10
const LOOK_MS = 500

export interface KeyWatch {
  /** Of the validator, `z6Mk…`. */
  readonly publicKey: string
  readonly height: () => number
  readonly block: (height: number) => Pick<BlockRecord, 'timeMs' | 'report'> | undefined
  /** Who votes at present. */
  readonly validators: () => ConsensusStatus['validators']
  readonly logger: Logger
}

/**
 * Looks at each block made from now on. Who is told of them late, while the node catches up, is told nothing of now: only
 * blocks later than the start count.
 *
 * @param onQuiet - called once, when `QUIET_BLOCKS` in a row were made without the key
 * @returns ends the watch
 */
export function watchKey(watch: KeyWatch, onQuiet: () => void): () => void {
  const { publicKey, height, block, validators, logger } = watch
  const address = validatorAddress(publicKey)
  const startedMs = Date.now()
  let seen = height()
  let quiet = 0
  let isWarned = false
  const timer = setInterval(look, LOOK_MS)

  function look(): void {
    const to = height()
    const from = Math.max(seen + 1, to - QUIET_BLOCKS + 1)
    if (from > seen + 1) quiet = 0
    for (let at = from; at <= to; at++) take(block(at))
    seen = to
    if (quiet < QUIET_BLOCKS) return
    clearInterval(timer)
    onQuiet()
  }

  /** A block says who did not sign the one before it. */
  function take(record: Pick<BlockRecord, 'timeMs' | 'report'> | undefined): void {
    if (record === undefined || record.timeMs < startedMs) return
    const isSigned = validators().some((own) => own.publicKey === publicKey) && !record.report.missed.includes(address)
    quiet = isSigned ? 0 : quiet + 1
    if (!isSigned || isWarned) return
    isWarned = true
    logger.error(
      { publicKey },
      'another node signs with the key of this folder: end it; this one does not vote meanwhile',
    )
  }

  return () => clearInterval(timer)
}
