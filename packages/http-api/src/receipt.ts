import type { Submission } from '@icn/consensus'
import { toHex } from '@icn/crypto'
import { rejectHint, rejectName } from '@icn/protocol'
import type { Problem } from './contract/index.ts'
import { BUSY, UNAVAILABLE } from './problem.ts'

/** A receipt as JSON text. PERF: written by hand, since it is the answer to every transaction. */
export function receiptText(submission: Submission & { readonly ok: true }): string {
  const { hash, height, index, result } = submission
  const status = height === 0 ? 'accepted' : 'committed'
  return `{"hash":"${hexOf(hash)}","status":"${status}","height":${height},"index":${index},"result":${JSON.stringify(result)}}`
}

/** One line of the answer to a batch. */
export function batchItemText(submission: Submission): string {
  if (submission.ok) return `${receiptText(submission).slice(0, -1)},"code":0,"name":"","hint":""}`
  const { hash, code, detail } = submission
  const { name, hint } =
    code === 0 ? ownRefusal(submission) : { name: rejectName(code), hint: rejectHint(code, detail) }
  return JSON.stringify({ hash: toHex(hash), status: 'refused', height: 0, index: 0, result: {}, code, name, hint })
}

/** What the node itself refused. */
export function ownRefusal({ unavailable }: Submission & { readonly ok: false }): Problem {
  return unavailable ? UNAVAILABLE : BUSY
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')
}
