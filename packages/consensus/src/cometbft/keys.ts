import { concatBytes, publicKeyFromSeed, sha256, toHex } from '@icn/crypto'

/** The text of CometBFT's `priv_validator_key.json` for the validator with this secret of 32 bytes. */
export function privValidatorKey(seed: Uint8Array): string {
  const publicKey = publicKeyFromSeed(seed)
  return json({
    address: addressOf(publicKey).toUpperCase(),
    pub_key: { type: 'tendermint/PubKeyEd25519', value: base64(publicKey) },
    priv_key: { type: 'tendermint/PrivKeyEd25519', value: base64(concatBytes(seed, publicKey)) },
  })
}

/**
 * The text of `priv_validator_state.json` before the first vote. It says what the validator signed last; written over an
 * existing one, it lets a validator sign twice.
 */
export const FRESH_VALIDATOR_STATE = json({ height: '0', round: 0, step: 0 })

/** The text of CometBFT's `node_key.json`, the key under which its peers know the node. */
export function nodeKey(seed: Uint8Array): string {
  const value = base64(concatBytes(seed, publicKeyFromSeed(seed)))
  return json({ priv_key: { type: 'tendermint/PrivKeyEd25519', value } })
}

/** How peers name the node of this key: 40 lower-case hex digits, as in `<id>@host:26656`. */
export function nodeId(seed: Uint8Array): string {
  return addressOf(publicKeyFromSeed(seed))
}

function addressOf(publicKey: Uint8Array): string {
  return toHex(sha256(publicKey).subarray(0, 20))
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`
}
