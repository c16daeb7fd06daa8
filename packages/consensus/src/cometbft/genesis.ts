import { toHex } from '@icn/crypto'
import {
  beginningOf,
  type Continuation,
  type Genesis,
  genesisHash,
  publicKeyFromText,
  validatorAddress,
} from '@icn/protocol'

/** Evidence of misbehaviour counts for two days, as CometBFT's own default says; what is older is refused. */
export const EVIDENCE_BLOCKS = 100_000
const EVIDENCE_NANOSECONDS = 172_800_000_000_000n
const EVIDENCE_MAX_BYTES = 1_048_576

/**
 * The genesis document that CometBFT starts with, as the text of its `genesis.json`. It follows from ours alone, to the
 * byte, so whoever has ours can check what validators signed.
 *
 * @param continues - the last block of a node that was alone: CometBFT's first one comes after it, at its time or later
 * @see https://docs.cometbft.com/v0.38/spec/core/genesis
 */
export function cometGenesis(genesis: Genesis, continues?: Continuation): string {
  const { chainId, validators, params } = genesis
  const { height, timeMs, appHash } = beginningOf(genesis, continues)
  const document = {
    genesis_time: new Date(timeMs).toISOString(),
    chain_id: chainId,
    initial_height: String(height + 1),
    consensus_params: {
      block: { max_bytes: String(params.maxBlockBytes), max_gas: '-1' },
      evidence: {
        max_age_num_blocks: String(EVIDENCE_BLOCKS),
        max_age_duration: String(EVIDENCE_NANOSECONDS),
        // CometBFT refuses more evidence than fits into a block.
        max_bytes: String(Math.min(EVIDENCE_MAX_BYTES, params.maxBlockBytes)),
      },
      validator: { pub_key_types: ['ed25519'] },
      version: { app: '0' },
      abci: { vote_extensions_enable_height: '0' },
    },
    validators: validators.map(({ name, publicKey, power }) => ({
      address: validatorAddress(publicKey).toUpperCase(),
      pub_key: { type: 'tendermint/PubKeyEd25519', value: base64Key(publicKey) },
      power: String(power),
      name,
    })),
    app_hash: toHex(appHash).toUpperCase(),
    app_state: { genesisHash: toHex(genesisHash(genesis)) },
  }
  return `${JSON.stringify(document, undefined, 2)}\n`
}

function base64Key(publicKey: string): string {
  const bytes = publicKeyFromText(publicKey)
  if (bytes === undefined) throw new RangeError(`expected a public key such as z6Mk…, got ${publicKey}`)
  return Buffer.from(bytes).toString('base64')
}
