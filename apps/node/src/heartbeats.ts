import type { Consensus } from '@icn/consensus'
import { publicKeyFromSeed } from '@icn/crypto'
import { didFromPublicKey, NetworkReject, publicKeyToText, rejectName, signTransaction } from '@icn/protocol'
import { getSigner } from '@icn/state-machine/identity'
import type { StateReader } from '@icn/state-store'
import type { Logger } from 'pino'

export interface HeartbeatOptions {
  /** Id that the ledger gave this node when it was registered. Several may claim one key: its operator says which is meant. */
  readonly node: string
  /** Secret of the node's key, 32 bytes. */
  readonly seed: Uint8Array
  readonly chainId: string
  readonly version: string
  readonly consensus: Pick<Consensus, 'submit' | 'status'>
  readonly reader: StateReader
  /** Room for files of others. */
  readonly freeBytes: () => number
  readonly logger: Logger
}

/** Twice as long as the ledger asks for, and a sixth of what makes a node silent. */
const BEAT_MS = 600_000
/** After one that did not come through. */
const RETRY_MS = 30_000
/** It is of no use later. */
const EXPIRY_BLOCKS = 100

/** Says again and again that this node is there, signed with its own key. Answers the function that ends it. */
export function startHeartbeats(options: HeartbeatOptions): () => void {
  let timer = setTimeout(next, 0)
  let ended = false

  async function next(): Promise<void> {
    const isHeard = await beat(options)
    if (!ended) timer = setTimeout(next, isHeard ? BEAT_MS : RETRY_MS)
    timer.unref()
  }

  return () => {
    ended = true
    clearTimeout(timer)
  }
}

/** One heartbeat; whether it is on the ledger. Never throws: a node that is not heard serves all the same. */
export async function beat(options: HeartbeatOptions): Promise<boolean> {
  const { node, seed, chainId, version, consensus, reader, freeBytes, logger } = options
  const publicKey = publicKeyFromSeed(seed)
  const signer = didFromPublicKey(publicKey)
  try {
    const { sequence, height } = reader.read((sql, at) => ({
      sequence: getSigner(sql, signer)?.sequence ?? 0,
      height: at.height,
    }))
    const body = { kind: 'node.heartbeat', node, height, version, freeBytes: freeBytes() } as const
    const envelope = { chainId, signer, keyId: publicKeyToText(publicKey), sequence }
    const bytes = signTransaction({ ...envelope, expiryHeight: height + EXPIRY_BLOCKS, body }, seed)
    const answer = await consensus.submit(bytes, 'committed')
    if (answer.ok || answer.code === NetworkReject.HEARTBEAT_TOO_SOON) return true
    logger.warn({ node, reason: rejectName(answer.code), ...answer.detail }, 'the heartbeat was refused')
  } catch (error) {
    logger.warn({ node, error: (error as Error).message }, 'the heartbeat did not come through')
  }
  return false
}
