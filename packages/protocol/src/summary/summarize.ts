import type { Bodies, BodyKind } from '../bodies/index.ts'
import type { Transaction } from '../transaction.ts'
import { describeBody } from './bodies.ts'

/**
 * What a person should read before signing, in plain English: the first line says what is done, the others what it
 * brings, the last two who signs and where it counts. Texts of others stand in quotation marks and cannot fake a line.
 *
 * @param tx - a transaction whose body was checked
 */
export function summarize(tx: Transaction): string[] {
  return [
    ...describe(tx.body.kind, tx.body),
    `Signed by ${tx.signer} with key ${tx.keyId}`,
    `Counts on network ${tx.chainId}, as transaction ${tx.sequence} of this signer, until block ${tx.expiryHeight}`,
  ]
}

/** What a body says, without signer and network: for lists of what happened. */
export function summarizeBody(body: Bodies[BodyKind]): string[] {
  return describe(body.kind, body)
}

function describe<K extends BodyKind>(kind: K, body: Bodies[BodyKind]): string[] {
  return describeBody[kind](body as Bodies[K])
}
