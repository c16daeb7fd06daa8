import { signDomain, toBase64Url } from '@icn/crypto'
import { type Body, rejectName, SIGN_IN_DOMAIN, signTransaction, summarize, type Transaction } from '@icn/protocol'
import type { Client, Receipt } from './client.ts'
import { ApiError } from './errors.ts'

/** Who signs: a DID and one of its keys. */
export interface ActorKey {
  readonly did: string
  readonly keyId: string
  /** 32 bytes, secret; it never leaves this process. */
  readonly seed: Uint8Array
}

/** Somebody who acts on the ledger. */
export interface Actor {
  readonly did: string
  /**
   * Builds the transaction here, shows what it says, signs it here and submits it. The node's own preparation is never
   * asked: nothing is signed that was not built from `body`.
   *
   * @throws ApiError, Unreachable, or whatever `confirm` throws
   */
  act(body: Body): Promise<Receipt>
  /** A session with the node, for what only members read. */
  signIn(): Promise<Client>
}

export interface ActorOptions {
  readonly client: Client
  readonly key: ActorKey
  /** Gets what will be signed, in plain words; throws to stop it. */
  readonly confirm?: (lines: readonly string[]) => void | Promise<void>
}

/** Blocks for which a signed transaction can be committed. */
const EXPIRY_BLOCKS = 10_000

export function createActor({ client, key, confirm }: ActorOptions): Actor {
  let sequence: number | undefined

  async function act(body: Body): Promise<Receipt> {
    try {
      return await send(body)
    } catch (error) {
      // Somebody else may have acted with the same key; the count is asked for again, once.
      if (!(error instanceof ApiError) || rejectName(error.code) !== 'BAD_SEQUENCE') throw error
      sequence = undefined
      return send(body)
    }
  }

  async function send(body: Body): Promise<Receipt> {
    const { network: chainId, height } = await client.call('network', {})
    sequence ??= (await client.call('signer', { params: { did: key.did } })).sequence
    const tx: Transaction = {
      chainId,
      signer: key.did,
      keyId: key.keyId,
      sequence,
      expiryHeight: height + EXPIRY_BLOCKS,
      body,
    }
    await confirm?.(summarize(tx))
    const receipt = await client.submit(signTransaction(tx, key.seed))
    sequence++
    return receipt
  }

  async function signIn(): Promise<Client> {
    const { challenge } = await client.call('challenge', { body: { did: key.did } })
    const signature = toBase64Url(signDomain(SIGN_IN_DOMAIN, new TextEncoder().encode(challenge), key.seed))
    const { token } = await client.call('signIn', { body: { did: key.did, keyId: key.keyId, challenge, signature } })
    return client.withToken(token)
  }

  return { did: key.did, act, signIn }
}
