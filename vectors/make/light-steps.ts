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
import { CHAIN, genesisOf, signBlock } from '../../packages/protocol/test/light/signer.ts'
import { FIRST, FOUR, TENTH, tampered, tenth } from '../../packages/protocol/test/light/tampered.ts'

/** What a clock alone finds wrong; the rule of bundles has none. */
const BY_CLOCK = ['FROM_THE_FUTURE', 'TRUST_EXPIRED']

/** Single steps by the rule of bundles: from the genesis, or from the block `trusted`, to `block`. */
export function makeLightSteps(): unknown {
  const genesis = genesisOf(FOUR, CHAIN)
  const from = { genesis: trustedGenesis(genesis), block: trustedBlock(FIRST) }
  const good: readonly (readonly [name: string, from: keyof typeof from, block: LightBlock])[] = [
    ['the first block', 'genesis', FIRST],
    ['a block further on', 'genesis', TENTH],
    ['the next block', 'block', signBlock({ height: 2, validators: FOUR })],
    ['a block further on', 'block', TENTH],
    ['in a later round', 'block', signBlock({ ...tenth, round: 3 })],
    ['one is absent', 'block', signBlock({ ...tenth, flags: ['absent'] })],
    ['one votes for no block', 'block', signBlock({ ...tenth, flags: ['nil'] })],
  ]
  return {
    genesis,
    trusted: toHex(encodeLightBlock(FIRST)),
    accepted: good.map(([name, start, block]) => ({ name, from: start, ...judged(from[start], block) })),
    refused: tampered
      .filter(([, failure]) => !BY_CLOCK.includes(failure))
      .map(([name, , block]) => ({ name: `a block ${name}`, from: 'block', ...judged(from.block, block) })),
  }
}

function judged(trusted: Trusted, block: LightBlock): { readonly failure: string | null; readonly bytes: string } {
  const verified = verifyStep(trusted, block, ARCHIVE_RULE)
  return { failure: verified.ok ? null : verified.failure, bytes: toHex(encodeLightBlock(block)) }
}
