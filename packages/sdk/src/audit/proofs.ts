import { equalBytes, rowPath, verifyRow } from '@icn/crypto'
import type { AuditBundle, BundleProof } from '@icn/protocol'
import { ballotBoxes, contentHash, type Proposal, proposals } from '@icn/state-machine/governance'
import { type AnyRow, decodeRow, encodeRow, type Table } from '@icn/state-machine/kernel'
import { demand } from './check.ts'
import type { FinalState } from './finality.ts'

export type BallotBox = NonNullable<(typeof ballotBoxes)['types']>['row']

/** The ballot box of the bundle. @throws AuditFailure unless proposal and box stand under the app hash of the block */
export function checkProofs(bundle: AuditBundle, final: FinalState): BallotBox {
  const { proposal, proofs } = bundle
  const id = String(proposal.id)
  checkProof(proofs.proposal, proposals as unknown as Table, id, final)
  demand(
    equalBytes(proofs.proposal.row.value, encodeRow(proposals as unknown as Table, proposal)),
    'the proven proposal is the one shown',
  )
  checkProof(proofs.ballotBox, ballotBoxes as unknown as Table, id, final)
  return decodeRow(ballotBoxes as unknown as Table, proofs.ballotBox.row.value) as unknown as BallotBox
}

function checkProof(proof: BundleProof, table: Table, id: string, final: FinalState): void {
  const { row, moduleRoot, module } = proof
  demand(proof.table === table.name && module === 'governance', `a proof of ${table.name} is one of that table`)
  demand(proof.key.length === 1 && proof.key[0] === id, `the proof of ${table.name} is of this proposal`)
  demand(equalBytes(row.path, rowPath(table.name, [id])), `the row of ${table.name} stands at its path`)
  demand(equalBytes(moduleRoot.path, rowPath('module', [module])), 'the root of the module stands at its path')
  demand(verifyRow(moduleRoot.value, row), `the row of ${table.name} is under the root of its module`)
  demand(verifyRow(final.appHash, moduleRoot), 'the root of the module is under the app hash')
  if (final.moduleRoots === undefined) return
  const named = final.moduleRoots[module]
  demand(named !== undefined && equalBytes(named, moduleRoot.value), 'the header names the same root')
}

export function checkContent(proposal: AnyRow): Proposal {
  const known = proposal as unknown as Proposal
  demand(contentHash(known) === known.contentHash, 'what was voted on has the hash that the proposal names')
  return known
}
