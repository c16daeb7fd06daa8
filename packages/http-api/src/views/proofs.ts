import { absenceProofToJson, rowProofToJson, toHex } from '@icn/crypto'
import type { StateProof } from '@icn/state-machine/kernel'
import { toIcs23 } from '@icn/state-store'

/** A proof as JSON: as ICS 23 messages, and as plain lists of hashes. */
export function proofView(proof: StateProof) {
  const { table, key, module, height, appHash, row, absence, moduleRoot } = proof
  const ics23 = toIcs23(proof)
  const encode = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url')
  return {
    table,
    key: [...key],
    module,
    height,
    appHash: toHex(appHash),
    ics23: { row: encode(ics23.row), module: encode(ics23.module) },
    steps: {
      ...(row === undefined ? {} : { row: rowProofToJson(row) }),
      ...(absence === undefined ? {} : { absence: absenceProofToJson(absence) }),
      module: rowProofToJson(moduleRoot),
    },
  }
}
