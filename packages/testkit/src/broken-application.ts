import type { Application } from '@icn/consensus'

type BreakableCall = 'checkTx' | 'prepareProposal' | 'finalizeBlock' | 'commit'

/** What waits for `opened` goes on when a test calls `open`. */
export interface Gate {
  readonly opened: Promise<void>
  readonly open: () => void
}

export function createGate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { opened: promise, open: resolve }
}

/** Throws at the first call that concerns a transaction, and at every call after that; `late` is checked when `held` opens. */
export function breaking(
  bare: Application,
  broken: BreakableCall,
  bug: Error,
  late: Uint8Array,
  held: Gate,
): Partial<Application> {
  let filled = false
  let failed = false
  const fails = (call: BreakableCall) => {
    failed ||= call === broken && filled
    if (failed) throw bug
  }
  return {
    checkTx: async (bytes, kind, timeMs) => {
      if (Buffer.compare(bytes, late) === 0) {
        const check = await bare.checkTx(bytes, kind, timeMs)
        await held.opened
        return check
      }
      filled = true
      fails('checkTx')
      return bare.checkTx(bytes, kind, timeMs)
    },
    prepareProposal: async (request) => {
      filled = request.txs.length > 0
      fails('prepareProposal')
      return bare.prepareProposal(request)
    },
    finalizeBlock: async (request) => {
      filled = request.txs.length > 0
      fails('finalizeBlock')
      return bare.finalizeBlock(request)
    },
    commit: async (signed) => {
      fails('commit')
      return bare.commit(signed)
    },
  }
}
