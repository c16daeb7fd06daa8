import { equalBytes, sign } from '@icn/crypto'
import {
  ABSENT_TIME_NS,
  type CommitSignature,
  type LightBlock,
  type LightFailure,
  type LightHeader,
  voteBytes,
} from '@icn/protocol/light'
import { commitTo, GENESIS_MS, headerOf, inOrder, setOf, signBlock, validatorOf } from './signer.ts'

export const FOUR = [1, 2, 3, 4].map((fill) => validatorOf(fill))
export const STRANGERS = [5, 6, 7, 8].map((fill) => validatorOf(fill))
export const NOW_MS: number = GENESIS_MS + 60_000
/** What is trusted. */
export const FIRST: LightBlock = signBlock({ height: 1, validators: FOUR })
export const tenth = { height: 10, validators: FOUR }
/** What follows from it, before somebody changes it. */
export const TENTH: LightBlock = signBlock(tenth)

const withHeader = (change: Partial<LightHeader>, block = TENTH): LightBlock => ({
  ...block,
  header: { ...block.header, ...change },
})
const signedWith = (change: Partial<LightHeader>): LightBlock => commitTo({ ...headerOf(tenth), ...change }, tenth)
const withSignatures = (change: (list: readonly CommitSignature[]) => readonly CommitSignature[]): LightBlock => ({
  ...TENTH,
  commit: { ...TENTH.commit, signatures: change(TENTH.commit.signatures) },
})
const EMPTY = new Uint8Array()
const flip = (bytes: Uint8Array, at = 0) => bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))
const [FIRST_SIGNATURE] = TENTH.commit.signatures as [CommitSignature]

/** Everything that may be wrong with a block which would be trusted otherwise. */
export const tampered: readonly (readonly [name: string, failure: LightFailure, block: LightBlock])[] = [
  ['of another network, and signed so', 'WRONG_CHAIN', signBlock(tenth, 'other')],
  ['whose chain id was changed', 'WRONG_CHAIN', withHeader({ chainId: 'other' })],
  ['of another version of blocks, and signed so', 'WRONG_VERSION', signedWith({ versionBlock: 12 })],
  ['with another app hash', 'COMMIT_MISMATCH', withHeader({ appHash: new Uint8Array(32) })],
  ['with another time', 'COMMIT_MISMATCH', withHeader({ timeNs: TENTH.header.timeNs + 1n })],
  ['with another height', 'COMMIT_MISMATCH', withHeader({ height: 11 })],
  ['with a commit for another height', 'COMMIT_MISMATCH', { ...TENTH, commit: { ...TENTH.commit, height: 11 } }],
  [
    'with the commit of another block',
    'COMMIT_MISMATCH',
    { ...TENTH, commit: signBlock({ ...tenth, height: 11 }).commit },
  ],
  [
    'with more power for one validator',
    'VALIDATORS_MISMATCH',
    {
      ...TENTH,
      validators: TENTH.validators.map((one, index) => (index === 0 ? { ...one, power: 5 } : one)),
    },
  ],
  ['with validators in another order', 'VALIDATORS_MISMATCH', { ...TENTH, validators: TENTH.validators.toReversed() }],
  ['with a validator left out', 'VALIDATORS_MISMATCH', { ...TENTH, validators: TENTH.validators.slice(1) }],
  ['with other validators', 'VALIDATORS_MISMATCH', { ...TENTH, validators: setOf(STRANGERS) }],
  [
    'with a signature twice',
    'WRONG_SIGNER',
    withSignatures(([first, , ...rest]) => [first as CommitSignature, first as CommitSignature, ...rest]),
  ],
  ['with signatures in another order', 'WRONG_SIGNER', withSignatures((list) => list.toReversed())],
  ['with a signature left out', 'WRONG_SIGNER', withSignatures((list) => list.slice(1))],
  ['with a signature too many', 'WRONG_SIGNER', withSignatures((list) => [...list, FIRST_SIGNATURE])],
  [
    'with one absent too many',
    'WRONG_SIGNER',
    withSignatures((list) => [...list, { flag: 'absent', address: EMPTY, timeNs: ABSENT_TIME_NS, signature: EMPTY }]),
  ],
  ['of a height that is trusted already', 'NOT_LATER', signBlock({ height: 1, validators: FOUR })],
  ['of the time of the trusted block', 'TIME_NOT_LATER', signedWith({ timeNs: FIRST.header.timeNs })],
  ['from the future', 'FROM_THE_FUTURE', signedWith({ timeNs: BigInt(NOW_MS + 10_000) * 1_000_000n })],
  [
    'right after, with strangers as validators',
    'NEXT_VALIDATORS_MISMATCH',
    signBlock({ height: 2, validators: STRANGERS }),
  ],
  ['of strangers', 'TRUST_TOO_LOW', signBlock({ ...tenth, validators: STRANGERS })],
  [
    'of a third of the trusted validators and strangers',
    'TRUST_TOO_LOW',
    signBlock({ ...tenth, validators: [...FOUR.slice(0, 1), ...STRANGERS] }),
  ],
  [
    'that too few of the trusted ones signed',
    'TRUST_TOO_LOW',
    signBlock({ ...tenth, flags: ['absent', 'nil', 'nil', 'commit'] }),
  ],
  ['that exactly two thirds signed', 'POWER_TOO_LOW', signedByTwoOfThree()],
  [
    'whose newcomer with most of the power did not sign',
    'POWER_TOO_LOW',
    signBlock({ ...tenth, validators: [...FOUR, validatorOf(9, 100)], flags: ['absent'] }),
  ],
  ['that half signed', 'POWER_TOO_LOW', signBlock({ ...tenth, flags: ['absent', 'nil', 'commit', 'commit'] })],
  [
    'with a changed signature',
    'BAD_SIGNATURE',
    withSignatures(([first, ...rest]) => [
      { ...(first as CommitSignature), signature: flip(FIRST_SIGNATURE.signature) },
      ...rest,
    ]),
  ],
  [
    'with the second half of a signature changed',
    'BAD_SIGNATURE',
    withSignatures(([first, ...rest]) => [
      { ...(first as CommitSignature), signature: flip(FIRST_SIGNATURE.signature, 40) },
      ...rest,
    ]),
  ],
  [
    'with another time of a vote',
    'BAD_SIGNATURE',
    withSignatures(([first, ...rest]) => [
      { ...(first as CommitSignature), timeNs: FIRST_SIGNATURE.timeNs + 1n },
      ...rest,
    ]),
  ],
  [
    'with a vote for nothing shown as one for it',
    'BAD_SIGNATURE',
    {
      ...TENTH,
      commit: {
        ...TENTH.commit,
        signatures: signBlock({ ...tenth, flags: ['nil'] }).commit.signatures.map((one) => ({
          ...one,
          flag: 'commit' as const,
        })),
      },
    },
  ],
  [
    'with a vote for it shown as one for nothing',
    'BAD_SIGNATURE',
    withSignatures(([first, ...rest]) => [{ ...(first as CommitSignature), flag: 'nil' }, ...rest]),
  ],
  ['with another round', 'BAD_SIGNATURE', { ...TENTH, commit: { ...TENTH.commit, round: 1 } }],
  [
    'with another number of parts',
    'BAD_SIGNATURE',
    { ...TENTH, commit: { ...TENTH.commit, blockId: { ...TENTH.commit.blockId, partsTotal: 2 } } },
  ],
  ['whose votes are of another network', 'BAD_SIGNATURE', withVotesOf('other')],
]

/** Half of the trusted ones and a stranger, who is absent. */
function signedByTwoOfThree(): LightBlock {
  const stranger = validatorOf(5)
  const validators = [...FOUR.slice(0, 2), stranger]
  const flags = inOrder(validators).map(({ seed }) => (equalBytes(seed, stranger.seed) ? 'absent' : 'commit'))
  return signBlock({ ...tenth, validators, flags })
}

/** Votes over the right block, with another chain id in what is signed. */
function withVotesOf(chainId: string): LightBlock {
  const seeds = inOrder(FOUR).map(({ seed }) => seed)
  return withSignatures((list) =>
    list.map((one, index) => ({
      ...one,
      signature: sign(voteBytes(chainId, TENTH.commit, one), seeds[index] ?? new Uint8Array(32)),
    })),
  )
}
