import { encodeCanonical, publicKeyFromSeed } from '@icn/crypto'
import { type AuditBundle, type CommittedBundle, decodeSignedHeader, publicKeyToText } from '@icn/protocol'
import { decodeLightBlock, encodeLightBlock, type LightBlock } from '@icn/protocol/light'
import {
  type BlockPlan,
  commitTo,
  headerOf,
  signBlock,
  type TestValidator,
} from '../../packages/protocol/test/light/signer.ts'
import { GENESIS, VALIDATOR_SEEDS } from './blocks.ts'
import { CHAIN } from './bodies.ts'
import { makeBundle } from './bundle.ts'
import { YES_NO } from './bundle-elections.ts'
import { seedOf } from './json.ts'

const { header, format: _, ...facts } = makeBundle(YES_NO)
/** What the proofs of the election lead to. */
const APP_HASH = decodeSignedHeader(header).header.appHash

const validators = (...fills: readonly number[]): TestValidator[] =>
  fills.map((fill) => ({ seed: seedOf(fill), power: 10 }))
const GENESIS_SET: TestValidator[] = VALIDATOR_SEEDS.map((seed) => ({ seed, power: 10 }))

/** One of four is replaced at a time, so that each block is needed. */
const PLANS: readonly [BlockPlan, BlockPlan, BlockPlan] = [
  { height: 20, validators: validators(22, 23, 24, 25) },
  { height: 30, validators: validators(23, 24, 25, 26), round: 2 },
  { height: 41, validators: validators(24, 25, 26, 27), appHash: APP_HASH },
]
const SIGNED = PLANS.map((plan) => signBlock(plan, CHAIN)) as [LightBlock, LightBlock, LightBlock]

function bundleOf(...blocks: readonly LightBlock[]): CommittedBundle {
  return { format: 'icn-audit-bundle/2', ...facts, genesis: GENESIS, lightBlocks: blocks.map(encodeLightBlock) }
}

const early: BlockPlan = { height: 41, validators: GENESIS_SET, appHash: APP_HASH }

/** What validators of a network that changed, or did not, prove. */
export const committedBundles: readonly (readonly [name: string, bundle: CommittedBundle])[] = [
  ['the validators changed three times', bundleOf(...SIGNED)],
  ['the validators of the genesis', bundleOf(signBlock(early, CHAIN))],
  ['one was absent', bundleOf(signBlock({ ...early, flags: ['commit', 'absent'] }, CHAIN))],
  ['one voted for no block', bundleOf(signBlock({ ...early, flags: ['commit', 'commit', 'nil'] }, CHAIN))],
  ['the block right after the genesis', bundleOf(signBlock({ ...early, height: 1 }, CHAIN))],
]

const [A, B, C] = SIGNED
const rich = { seed: seedOf(28), power: 100 }
const flip = (bytes: Uint8Array) => bytes.map((byte, index) => (index === 0 ? byte ^ 1 : byte))

/** What somebody might try with the light blocks, and which check must notice. */
export const tamperedCommits: readonly (readonly [name: string, check: string, bundle: AuditBundle])[] = [
  ['the last block left out', 'proposal proof', bundleOf(A, B)],
  ['the first block left out', 'genesis validators', bundleOf(B, C)],
  ['a block between left out', 'validator changes', bundleOf(A, C)],
  ['blocks in another order', 'validator changes', bundleOf(A, C, B)],
  ['a block twice', 'validator changes', bundleOf(A, A, B, C)],
  [
    'strangers at the start',
    'genesis validators',
    bundleOf(signBlock({ ...early, validators: validators(31, 32, 33) }, CHAIN)),
  ],
  [
    'strangers right after the genesis',
    'genesis validators',
    bundleOf(signBlock({ ...early, height: 1, validators: validators(31, 32, 33) }, CHAIN)),
  ],
  [
    'half of the genesis is not enough',
    'genesis validators',
    bundleOf(signBlock({ ...early, validators: validators(21, 22, 31) }, CHAIN)),
  ],
  [
    'other validators than those announced',
    'validator changes',
    bundleOf(A, signBlock({ ...PLANS[2], height: 21 }, CHAIN)),
  ],
  [
    'a time that goes back',
    'validator changes',
    bundleOf(A, signBlock({ ...PLANS[1], timeNs: A.header.timeNs }, CHAIN), C),
  ],
  [
    'another app hash in the header',
    'light blocks',
    bundleOf(A, B, { ...C, header: { ...C.header, appHash: seedOf(1) } }),
  ],
  [
    'another state that the validators signed',
    'proposal proof',
    bundleOf(A, B, signBlock({ ...PLANS[2], appHash: seedOf(1) }, CHAIN)),
  ],
  ['blocks of another network', 'light blocks', bundleOf(...PLANS.map((plan) => signBlock(plan, 'other')))],
  [
    'a version of blocks that is not known',
    'light blocks',
    bundleOf(A, B, commitTo({ ...headerOf(PLANS[2], CHAIN), versionBlock: 12 }, PLANS[2])),
  ],
  [
    'more power for one',
    'light blocks',
    bundleOf(A, B, { ...C, validators: C.validators.map((one) => ({ ...one, power: 11 })) }),
  ],
  ['validators in another order', 'light blocks', bundleOf(A, B, { ...C, validators: C.validators.toReversed() })],
  ['the commit of another block', 'light blocks', bundleOf(A, B, { ...C, commit: B.commit })],
  [
    'signatures in another order',
    'light blocks',
    bundleOf(
      A,
      B,
      withSignatures(C, (list) => list.toReversed()),
    ),
  ],
  [
    'a signature twice',
    'light blocks',
    bundleOf(
      A,
      B,
      withSignatures(C, ([first, , ...rest]) => (first ? [first, first, ...rest] : [])),
    ),
  ],
  [
    'a changed signature',
    'commit signatures',
    bundleOf(
      A,
      B,
      withSignatures(C, ([first, ...rest]) => (first ? [{ ...first, signature: flip(first.signature) }, ...rest] : [])),
    ),
  ],
  [
    'a vote for no block shown as one for it',
    'commit signatures',
    bundleOf(
      withSignatures(signBlock({ ...early, flags: ['nil'] }, CHAIN), (list) =>
        list.map((one) => ({ ...one, flag: 'commit' as const })),
      ),
    ),
  ],
  [
    'a validator who did not sign has most of the power',
    'commit signatures',
    bundleOf(signBlock({ ...early, validators: [...GENESIS_SET, rich], flags: ['absent'] }, CHAIN)),
  ],
  [
    'fields in another order',
    'light blocks',
    { ...bundleOf(A, B, C), lightBlocks: bundleOf(A, B, C).lightBlocks.map(turned) },
  ],
  ['bytes that are no light block', 'light blocks', { ...bundleOf(A, B, C), lightBlocks: [encodeCanonical('block')] }],
  ['a validator added to the genesis', 'genesis validators', withMorePower(bundleOf(...SIGNED))],
  ['another network', 'light blocks', { ...bundleOf(...SIGNED), chainId: 'other' }],
]

type Signatures = LightBlock['commit']['signatures']

function withSignatures(block: LightBlock, change: (list: Signatures) => Signatures): LightBlock {
  return { ...block, commit: { ...block.commit, signatures: change(block.commit.signatures) } }
}

/** The validators before the signed header: Protocol Buffers allow it, and nothing that is signed changes. */
function turned(bytes: Uint8Array): Uint8Array {
  const length = ((bytes[1] ?? 0) % 128) + (bytes[2] ?? 0) * 128
  const turned = Uint8Array.from([...bytes.subarray(3 + length), ...bytes.subarray(0, 3 + length)])
  decodeLightBlock(turned)
  return turned
}

function withMorePower(bundle: CommittedBundle): CommittedBundle {
  const publicKey = publicKeyToText(publicKeyFromSeed(seedOf(99)))
  const validator = { name: 'Somebody', publicKey, power: 1_000 }
  return { ...bundle, genesis: { ...bundle.genesis, validators: [...bundle.genesis.validators, validator] } }
}
