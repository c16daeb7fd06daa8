import type { Refusal, Submission } from './port.ts'

/** By the node's own bound and by no rule: nothing was checked, or CometBFT has dropped it; the same bytes may come again. */
export function busy(hash: Uint8Array): Refusal {
  return { ok: false, code: 0, detail: {}, hash }
}

/** Nobody here knows what comes of it. */
export function unavailable(hash: Uint8Array): Submission & { readonly ok: false } {
  return { ...busy(hash), unavailable: true }
}
