import { type LightBlockRpc, LightBlockRpcError, readLightBlock } from '@icn/consensus/light-block'
import { equalBytes, toHex } from '@icn/crypto'
import { beginningOf, type Continuation, type Genesis } from '@icn/protocol'
import {
  decodeLightBlock,
  extendPath,
  type LightBlockSource,
  lightHeaderHash,
  MalformedLightBlock,
  trustedGenesis,
  trustPath,
} from '@icn/protocol/light'
import { boundedText, peerBlocksAt } from '../light/peer-blocks.ts'
import { SetupError } from '../setup-error.ts'

/** A block from which a node may begin, since the validators lead to it from the genesis. */
export interface TrustedBlock {
  /** Where CometBFT asks for what it needs besides. */
  readonly server: string
  readonly height: number
  /** Of its header, hex. */
  readonly hash: string
}

const TIMEOUT_MS = 15_000
/** All that is asked of a node. */
const PATIENCE_MS = 120_000
/** A commit and a page of a hundred validators. */
const MOST_BYTES = 4 * 1024 * 1024
const ADVICE = 'join by the address of another node, or without --sync to begin with the first block'

/**
 * Asks a node for a recent block, and for the signatures that lead to it from the genesis; none of it is believed unchecked.
 *
 * @param node - address of a node
 * @param continues - where the network goes on from a node that was alone
 * @throws SetupError `NOT_TRUSTED`, `PEER_UNREACHABLE`
 */
export async function findTrustedBlock(
  node: string,
  genesis: Genesis,
  continues: Continuation | undefined,
): Promise<TrustedBlock> {
  const base = node.replace(/\/+$/, '')
  const server = `${base}/v1/network/light-rpc`
  try {
    const peer = peerBlocksAt(base, AbortSignal.timeout(PATIENCE_MS))
    const latest = await peer.height()
    // Of the latest block not every signature may be there yet.
    const height = latest - 1
    const before = beginningOf(genesis, continues).height
    if (height <= before) throw notTrusted(`the network is at height ${latest}`)
    if (continues !== undefined) await checkContinued(peer.block, genesis, continues)
    const pivots = await peer.pivots()
    const path = await extendPath(peer.block, trustedGenesis(genesis, before), [], height, { pivots })
    if (!path.ok) throw notTrusted(`the genesis does not lead to block ${path.height}: ${path.failure}`)
    const last = path.blocks.at(-1)
    if (last === undefined) throw notTrusted('the path from the genesis is empty')
    return { server, height, hash: toHex(lightHeaderHash(last.header)) }
  } catch (cause) {
    if (cause instanceof MalformedLightBlock) throw notTrusted(cause.message, cause)
    if (cause instanceof SetupError) throw cause
    throw new SetupError('PEER_UNREACHABLE', `${base} gives no block to trust: ${(cause as Error).message}`, ADVICE, {
      cause,
    })
  }
}

/** Whether the first block of CometBFT names the root that the last one before it left. @throws SetupError, MalformedLightBlock */
async function checkContinued(source: LightBlockSource, genesis: Genesis, last: Continuation): Promise<void> {
  const path = await trustPath(source, trustedGenesis(genesis, last.height), last.height + 1)
  if (!path.ok) throw notTrusted(`the genesis does not lead to block ${path.height}: ${path.failure}`)
  const appHash = path.blocks[0]?.header.appHash
  if (appHash !== undefined && equalBytes(appHash, last.appHash)) return
  throw notTrusted(`block ${last.height + 1} does not go on from the state after block ${last.height}`)
}

/**
 * Whether the block that the configuration trusts is the one that the network has; CometBFT would say so again and again.
 *
 * @throws SetupError `NOT_TRUSTED`, `PEER_UNREACHABLE`
 */
export async function checkTrustedBlock({ server, height, hash }: TrustedBlock): Promise<void> {
  let found: Uint8Array | undefined
  try {
    found = await readLightBlock(lightRpcAt(server), height)
  } catch (cause) {
    const message = `${server} does not show block ${height}: ${(cause as Error).message}`
    throw new SetupError('PEER_UNREACHABLE', message, 'name other addresses in cometbft.syncServers', { cause })
  }
  const actual = found === undefined ? 'not there' : toHex(lightHeaderHash(decodeLightBlock(found).header))
  if (actual === hash.toLowerCase()) return
  throw new SetupError(
    'NOT_TRUSTED',
    `block ${height} at ${server} is ${actual}, and cometbft.syncHash says ${hash}`,
    'join anew into an empty folder by the address of a node that you trust; no state was taken',
  )
}

function notTrusted(why: string, cause?: unknown): SetupError {
  return new SetupError('NOT_TRUSTED', `no block of the node can be trusted: ${why}`, ADVICE, { cause })
}

function lightRpcAt(url: string): LightBlockRpc {
  const one = async (call: object, id: number): Promise<Awaited<ReturnType<LightBlockRpc['callAll']>>[number]> => {
    const { result, error } = (await askJson(url, { jsonrpc: '2.0', id, ...call })) as Readonly<Record<string, unknown>>
    return error === undefined ? { ok: true, result } : { ok: false }
  }
  return { callAll: (calls) => Promise.all(calls.map(one)) }
}

async function askJson(url: string, call: unknown): Promise<unknown> {
  const request = { method: 'POST', body: JSON.stringify(call), headers: { 'content-type': 'application/json' } }
  const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(TIMEOUT_MS) })
  const text = await boundedText(answer, MOST_BYTES)
  if (!answer.ok) throw new LightBlockRpcError(`${url} answered ${answer.status}`)
  return JSON.parse(text)
}
