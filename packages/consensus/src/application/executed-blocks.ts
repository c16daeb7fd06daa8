import type { BlockRequest } from '../port.ts'
import type { BlockInWork } from './block-in-work.ts'

/**
 * Blocks that were executed on the committed state and refused nothing, so that preparing, judging and finalizing the same
 * block executes it once, in whatever round it is decided.
 */
export interface ExecutedBlocks {
  readonly keep: (block: BlockInWork) => void
  readonly find: (request: BlockRequest) => BlockInWork | undefined
  /** Hands it over: the end of a block can run only once. */
  readonly take: (request: BlockRequest) => BlockInWork | undefined
  /** After a commit: they stood on a state that is past. */
  readonly clear: () => void
}

/** Rounds of one height whose proposals are kept; each holds the rows that it changed. */
const KEPT = 4

export function createExecutedBlocks(): ExecutedBlocks {
  let blocks: BlockInWork[] = []

  function find(request: BlockRequest): BlockInWork | undefined {
    return blocks.find((block) => isBlockOf(block, request))
  }

  function take(request: BlockRequest): BlockInWork | undefined {
    const block = find(request)
    if (block !== undefined) blocks = blocks.filter((other) => other !== block)
    return block
  }

  return {
    keep: (block) => {
      blocks = [block, ...blocks].slice(0, KEPT)
    },
    find,
    take,
    clear: () => {
      blocks = []
    },
  }
}

/** PERF: solo gives back the arrays that `prepareProposal` answered; from a socket come others with the same bytes. */
function isBlockOf({ height, timeMs, records }: BlockInWork, request: BlockRequest): boolean {
  if (height !== request.height || timeMs !== request.timeMs || records.length !== request.txs.length) return false
  return records.every(({ bytes }, index) => {
    const other = request.txs[index]
    return other !== undefined && (bytes === other || Buffer.compare(bytes, other) === 0)
  })
}
