import { toHex } from '@icn/crypto'
import {
  ARCHIVE_RULE,
  encodeLightBlock,
  type LightBlock,
  type Trusted,
  trustedBlock,
  trustedGenesis,
  verifyStep,
} from '@icn/protocol/light'
import { CHAIN, genesisOf, signBlock, validatorOf } from '../../packages/protocol/test/light/signer.ts'
import { FIRST, FOUR, TENTH, tampered, tenth } from '../../packages/protocol/test/light/tampered.ts'

const ORIGIN = {
  chainId: 'light-lost',
  genesisHash: '1'.repeat(64),
  height: 9,
  blockHash: '2'.repeat(64),
  appHash: '3'.repeat(64),
  earlier: [],
  federation: null,
}
const OTHERS = signBlock({ height: 10, validators: [1, 2, 3, 5].map((fill) => validatorOf(fill)) })

/** What a clock alone finds wrong; the rule of bundles has none. */
const BY_CLOCK = ['FROM_THE_FUTURE', 'TRUST_EXPIRED']

/** Single steps by the rule of bundles: from the genesis, from one with an `origin`, or from the block `trusted`, to `block`. */
export function makeLightSteps(): unknown {
  const genesis = genesisOf(FOUR, CHAIN)
  const origin = { ...genesis, origin: ORIGIN }
  const from = { genesis: trustedGenesis(genesis), origin: trustedGenesis(origin), block: trustedBlock(FIRST) }
  const good: readonly (readonly [name: string, from: keyof typeof from, block: LightBlock])[] = [
    ['the first block', 'genesis', FIRST],
    ['a block further on', 'genesis', TENTH],
    ['the next block', 'block', signBlock({ height: 2, validators: FOUR })],
    ['a block further on', 'block', TENTH],
    ['in a later round', 'block', signBlock({ ...tenth, round: 3 })],
    ['one is absent', 'block', signBlock({ ...tenth, flags: ['absent'] })],
    ['the first block after its origin', 'origin', TENTH],
    ['a block further on', 'origin', signBlock({ height: 12, validators: FOUR })],
    ['three of four as validators, further on', 'genesis', OTHERS],
    ['one votes for no block', 'block', signBlock({ ...tenth, flags: ['nil'] })],
  ]
  return {
    genesis,
    origin,
    trusted: toHex(encodeLightBlock(FIRST)),
    accepted: good.map(([name, start, block]) => ({ name, from: start, ...judged(from[start], block) })),
    refused: tampered
      .filter(([, failure]) => !BY_CLOCK.includes(failure))
      .map(([name, , block]) => ({ name: `a block ${name}`, from: 'block', ...judged(from.block, block) }))
      .concat(
        [
          ['the first block of all', FIRST] as const,
          ['the block of its origin', signBlock({ height: 9, validators: FOUR })] as const,
          ['three of four as validators, right after its origin', OTHERS] as const,
        ].map(([name, block]) => ({ name, from: 'origin', ...judged(from.origin, block) })),
      ),
  }
}

function judged(trusted: Trusted, block: LightBlock): { readonly failure: string | null; readonly bytes: string } {
  const verified = verifyStep(trusted, block, ARCHIVE_RULE)
  return { failure: verified.ok ? null : verified.failure, bytes: toHex(encodeLightBlock(block)) }
}
