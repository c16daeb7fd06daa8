import { sha256, signDomain, toBase64Url, toHex } from '@icn/crypto'
import type { AnswerOf } from '@icn/http-api/contract'
import {
  type Body,
  parseDid,
  rejectName,
  SIGN_IN_DOMAIN,
  signTransaction,
  summarize,
  type Transaction,
} from '@icn/protocol'
import type { Client, Receipt } from './client.ts'
import { comesFrom } from './comes-from.ts'
import { ApiError, DishonestNode } from './errors.ts'

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
   * @throws ApiError, Unreachable, DishonestNode, or whatever `confirm` throws
   */
  act(body: Body): Promise<Receipt>
  /** A session with the node, for what only members read. */
  signIn(): Promise<Client>
}

export interface ActorOptions {
  readonly client: Client
  readonly key: ActorKey
  /** Chain id of the network that is meant; a node of another one is refused before anything is signed. */
  readonly network?: string
  /** Gets what will be signed, in plain words; throws to stop it. */
  readonly confirm?: (lines: readonly string[]) => void | Promise<void>
}

/** The network that an organization is of, as its DID says. */
function networkOf(org: string): string | undefined {
  const did = parseDid(org)
  return did?.method === 'icn' ? did.chainId : undefined
}

/** Blocks for which a signed transaction can be committed. */
const EXPIRY_BLOCKS = 10_000

export function createActor({ client, key, network, confirm }: ActorOptions): Actor {
  let sequence: number | undefined
  let turn: Promise<unknown> = Promise.resolve()

  /** One after the other: each takes the sequence after the one before. */
  function act(body: Body): Promise<Receipt> {
    const own = turn.then(() => attempt(body))
    turn = own.catch(() => undefined)
    return own
  }

  async function attempt(body: Body): Promise<Receipt> {
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
    const facts = await client.call('network', {})
    const { network: chainId, height } = facts
    await checkNetwork(facts, body)
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
    const bytes = signTransaction(tx, key.seed)
    const receipt = await client.submit(bytes)
    sequence++
    const hash = toHex(sha256(bytes))
    if (receipt.hash !== hash) throw new DishonestNode(`the node answers for ${receipt.hash}, and ${hash} was sent`)
    return receipt
  }

  /** What is signed for another network than was meant could be used there; one that is made of its state is meant. */
  async function checkNetwork({ network: chainId, genesisHash }: AnswerOf<'network'>, body: Body): Promise<void> {
    const meant = network ?? ('org' in body ? networkOf(body.org) : undefined)
    if (meant === undefined || meant === chainId || (await comesFrom(client, genesisHash, meant))) return
    throw new DishonestNode(`the node says that it is of the network ${chainId}, and ${meant} is meant`)
  }

  async function signIn(): Promise<Client> {
    const { challenge } = await client.call('challenge', { body: { did: key.did } })
    const signature = toBase64Url(signDomain(SIGN_IN_DOMAIN, new TextEncoder().encode(challenge), key.seed))
    const { token } = await client.call('signIn', { body: { did: key.did, keyId: key.keyId, challenge, signature } })
    return client.withToken(token)
  }

  return { did: key.did, act, signIn }
}
