import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LightRpc } from '@icn/http-api'

export interface PaceOptions {
  readonly cometHome: string
  /** Whether this node is the only validator now. */
  readonly isAlone: () => boolean
  /** The RPC of CometBFT. */
  readonly rpc: LightRpc
}

/** Whether CometBFT pauses after each block so that others can follow. */
export interface Pace {
  readonly isPaced: () => boolean
  /**
   * Looks every five seconds whether that has changed.
   *
   * @param onChange - has to start CometBFT again
   * @returns ends the watch
   */
  watch(onChange: () => void): () => void
}

const LOOK_MS = 5_000
/** In CometBFT's home: others have followed this node. They may be away for a while, and come back. */
const MARK = 'followed'

/**
 * A validator that is alone makes forty blocks a second and more. One that follows gets eleven by CometBFT's gossip, and once
 * behind it never comes nearer; so where somebody follows, CometBFT pauses after each block, and each has more in it. It
 * takes its pauses from its configuration alone: when the first follower comes, and when a second validator does, CometBFT is
 * started again.
 */
export function createPace({ cometHome, isAlone, rpc }: PaceOptions): Pace {
  const mark = join(cometHome, MARK)
  let isFollowed = existsSync(mark)
  let isPaced = isFollowed && isAlone()

  async function look(): Promise<boolean> {
    if (isAlone() && !isFollowed) {
      isFollowed = await hasPeers(rpc)
      if (isFollowed) writeFileSync(mark, '')
    }
    const before = isPaced
    isPaced = isFollowed && isAlone()
    return isPaced !== before
  }

  function watch(onChange: () => void): () => void {
    const timer = setInterval(async () => {
      if (await look()) onChange()
    }, LOOK_MS)
    return () => clearInterval(timer)
  }

  return { isPaced: () => isPaced, watch }
}

/** One that does not answer makes no blocks either. */
async function hasPeers(rpc: LightRpc): Promise<boolean> {
  const answer = await rpc('net_info', {})
  return answer.ok && Number((answer.result as { readonly n_peers?: unknown }).n_peers) > 0
}
