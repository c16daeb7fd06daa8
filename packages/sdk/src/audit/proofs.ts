import { equalBytes, rowPath, toHex, verifyRow } from '@icn/crypto'
import {
  type AuditBundle,
  type BlockHeader,
  type BundleProof,
  decodeSignedHeader,
  headerHash,
  signedPower,
} from '@icn/protocol'
import { ballotBoxes, contentHash, type Proposal, proposals } from '@icn/state-machine/governance'
import { type AnyRow, decodeRow, encodeRow, type Table } from '@icn/state-machine/kernel'
import { demand } from './check.ts'

export type BallotBox = NonNullable<(typeof ballotBoxes)['types']>['row']

/** The signed header of the bundle. @throws AuditFailure unless more than two thirds of the validators' power signed it */
export function checkHeader({ header: bytes, genesis, chainId }: AuditBundle): {
  readonly header: BlockHeader
  readonly detail: string
} {
  const signedHeader = decodeSignedHeader(bytes)
  const { header } = signedHeader
  demand(genesis.chainId === chainId && header.chainId === chainId, 'genesis, header and bundle are of one network')
  const { signed, total } = signedPower(signedHeader, genesis.validators)
  demand(3 * signed > 2 * total, `${signed} of ${total} of the power signed; more than two thirds must`)
  const name = toHex(headerHash(signedHeader.headerBytes))
  return { header, detail: `block ${header.height} (${name.slice(0, 16)}…), signed by ${signed} of ${total}` }
}

/** The ballot box of the bundle. @throws AuditFailure unless proposal and box stand under the app hash of the header */
export function checkProofs(bundle: AuditBundle, header: BlockHeader): BallotBox {
  const { proposal, proofs } = bundle
  const id = String(proposal.id)
  checkProof(proofs.proposal, proposals as unknown as Table, id, header)
  demand(
    equalBytes(proofs.proposal.row.value, encodeRow(proposals as unknown as Table, proposal)),
    'the proven proposal is the one shown',
  )
  checkProof(proofs.ballotBox, ballotBoxes as unknown as Table, id, header)
  return decodeRow(ballotBoxes as unknown as Table, proofs.ballotBox.row.value) as unknown as BallotBox
}

function checkProof(proof: BundleProof, table: Table, id: string, header: BlockHeader): void {
  const { row, moduleRoot, module } = proof
  demand(proof.table === table.name && module === 'governance', `a proof of ${table.name} is one of that table`)
  demand(proof.key.length === 1 && proof.key[0] === id, `the proof of ${table.name} is of this proposal`)
  demand(equalBytes(row.path, rowPath(table.name, [id])), `the row of ${table.name} stands at its path`)
  demand(equalBytes(moduleRoot.path, rowPath('module', [module])), 'the root of the module stands at its path')
  demand(verifyRow(moduleRoot.value, row), `the row of ${table.name} is under the root of its module`)
  demand(verifyRow(header.appHash, moduleRoot), 'the root of the module is under the app hash')
  const named = header.moduleRoots[module]
  demand(named !== undefined && equalBytes(named, moduleRoot.value), 'the header names the same root')
}

export function checkContent(proposal: AnyRow): Proposal {
  const known = proposal as unknown as Proposal
  demand(contentHash(known) === known.contentHash, 'what was voted on has the hash that the proposal names')
  return known
}
