/** Prints `{"blockMs", "signaturesMs", "bytes"}`; with `--pure` of what a browser loads. */
import { usePureCrypto } from '../../packages/testkit/src/pure-crypto.ts'

if (process.argv.includes('--pure')) usePureCrypto()
const { verifyStrict } = await import('@icn/crypto')
const { decodeLightBlock, encodeLightBlock, verifyChain, voteBytes } = await import('@icn/protocol/light')
const { CHAIN, genesisOf, signBlock, validatorOf } = await import('../../packages/protocol/test/light/signer.ts')

const validators = Array.from({ length: 100 }, (_, index) => validatorOf(index, 1 + (index % 7)))
const genesis = genesisOf(validators)
const block = signBlock({ height: 1_000, validators })
const bytes = encodeLightBlock(block)
const votes = block.commit.signatures.map((vote, index) => ({
  key: block.validators[index]?.publicKey ?? new Uint8Array(),
  message: voteBytes(CHAIN, block.commit, vote),
  signature: vote.signature,
}))

const blockMs = bestMs(() => verifyChain(genesis, [decodeLightBlock(bytes)]).ok)
const signaturesMs = bestMs(() => votes.every(({ key, message, signature }) => verifyStrict(key, message, signature)))
console.log(JSON.stringify({ blockMs, signaturesMs, bytes: bytes.length }))

function bestMs(work: () => boolean): number {
  let best = Number.POSITIVE_INFINITY
  for (let round = 0; round < 10; round++) {
    const startMs = performance.now()
    if (!work()) throw new Error('a valid block was refused')
    best = Math.min(best, performance.now() - startMs)
  }
  return best
}
