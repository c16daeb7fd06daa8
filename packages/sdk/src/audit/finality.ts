import { equalBytes, toHex } from '@icn/crypto'
import {
  type AuditBundle,
  type CommittedBundle,
  decodeSignedHeader,
  headerHash,
  isOfSeveral,
  type SignedBundle,
  signedPower,
} from '@icn/protocol'
import {
  ARCHIVE_RULE,
  checkCommit,
  checkForm,
  checkTrust,
  decodeLightBlock,
  encodeLightBlock,
  type LightBlock,
  lightHeaderHash,
  type NotTrusted,
  trustedBlock,
  trustedGenesis,
} from '@icn/protocol/light'
import { AuditFailure, demand, type Step } from './check.ts'

/** The state that the validators agreed on, under which the proofs of the bundle must stand. */
export interface FinalState {
  readonly appHash: Uint8Array
  /** As the header names them; headers of CometBFT name none. */
  readonly moduleRoots?: Readonly<Record<string, Uint8Array>>
}

/** @throws AuditFailure unless more than two thirds of the validators' power agreed on the block of the bundle */
export function checkFinality(bundle: AuditBundle, step: Step): FinalState {
  return bundle.format === 'icn-audit-bundle/1' ? checkSigned(bundle, step) : checkCommitted(bundle, step)
}

function checkSigned(bundle: SignedBundle, step: Step): FinalState {
  const { header } = step(
    'header',
    () => checkHeader(bundle),
    ({ detail }) => detail,
  )
  return header
}

function checkHeader({ header: bytes, genesis, chainId }: SignedBundle) {
  const signedHeader = decodeSignedHeader(bytes)
  const { header } = signedHeader
  demand(genesis.chainId === chainId && header.chainId === chainId, 'genesis, header and bundle are of one network')
  // Who began a network alone could sign such a header long after others vote.
  demand(!isOfSeveral(genesis), 'a network that may have several validators is proved by light blocks, not by a header')
  const { signed, total } = signedPower(signedHeader, genesis.validators)
  demand(3 * signed > 2 * total, `${signed} of ${total} of the power signed; more than two thirds must`)
  const name = toHex(headerHash(signedHeader.headerBytes))
  return { header, detail: `block ${header.height} (${name.slice(0, 16)}…), signed by ${signed} of ${total}` }
}

/** In the order of cost: form, then who signed, then whether the signatures are theirs. */
function checkCommitted(bundle: CommittedBundle, step: Step): FinalState {
  const { genesis } = bundle
  const blocks = step('light blocks', () => readBlocks(bundle), describe)
  const [first, ...others] = blocks
  if (first === undefined) throw new AuditFailure('a bundle has a light block')
  step(
    'genesis validators',
    () => demandTrust(checkTrust(trustedGenesis(genesis), first, ARCHIVE_RULE)),
    () => `those of the genesis signed block ${first.header.height}`,
  )
  step(
    'validator changes',
    () => others.map((block, at) => demandTrust(checkTrust(trustedBlock(blocks[at] ?? first), block, ARCHIVE_RULE))),
    ({ length }) => `${length} on the way, each signed by those before it`,
  )
  step(
    'commit signatures',
    () => blocks.map((block) => demandTrust(checkCommit(block))),
    () => blocks.map(signersOf).join(', '),
  )
  return { appHash: (blocks.at(-1) ?? first).header.appHash }
}

function readBlocks({ lightBlocks, genesis, chainId }: CommittedBundle): LightBlock[] {
  demand(genesis.chainId === chainId, 'genesis and bundle are of one network')
  return lightBlocks.map((bytes) => {
    const block = decodeLightBlock(bytes)
    // Else there would be bytes in the file that nothing proves.
    demand(equalBytes(encodeLightBlock(block), bytes), 'light blocks hold nothing beside what is signed')
    demandTrust(checkForm(block, chainId))
    return block
  })
}

function demandTrust(failed: NotTrusted | undefined): void {
  if (failed !== undefined) throw new AuditFailure(`${failed.failure}: ${failed.detail}`)
}

/** The hash in full: who wants to be sure that there is no other history compares it with a node that they trust. */
function describe(blocks: readonly LightBlock[]): string {
  const last = blocks.at(-1)
  if (last === undefined) return 'none'
  const name = `block ${last.header.height}, hash ${toHex(lightHeaderHash(last.header))}`
  return blocks.length === 1 ? name : `${blocks.length} up to ${name}`
}

function signersOf({ header, commit }: LightBlock): string {
  const signed = commit.signatures.filter(({ flag }) => flag === 'commit').length
  return `block ${header.height} by ${signed} of ${commit.signatures.length}`
}
