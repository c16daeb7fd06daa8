import { type Bodies, NetworkReject, type Transaction } from '@icn/protocol'
import { accept, type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { didOfKey, getNode, nodeEvent, nodeOfKey, putNode } from './node.ts'
import { nodeKeys, pulses } from './tables.ts'

/** Heartbeats come no faster than this. */
export const HEARTBEAT_GAP_MS = 300_000
/** A node that says nothing for longer is shown as silent. */
export const SILENT_MS = 3_600_000

/** A node says that it is there, with its own key; the first time proves that it holds it. Writes one row. */
export function beat(tx: Transaction, block: BlockContext, state: State): Outcome {
  const { node: id, height, version, freeBytes } = tx.body as Bodies['node.heartbeat']
  const node = getNode(state, id)
  if (node === undefined) return reject(NetworkReject.NODE_NOT_FOUND)
  if (tx.signer !== didOfKey(node.publicKey)) return reject(NetworkReject.NOT_NODE_KEY)
  if (node.status === 'retired') return reject(NetworkReject.NODE_RETIRED)
  const isFirst = node.status === 'registered'
  if (isFirst && nodeOfKey(state, node.publicKey) !== undefined) return reject(NetworkReject.NODE_KEY_TAKEN)
  if (height >= block.height) return reject(NetworkReject.HEIGHT_AHEAD, { height: block.height - 1 })
  const nextMs = (state.open(pulses).get({ node: id })?.timeMs ?? 0) + HEARTBEAT_GAP_MS
  if (!isFirst && block.timeMs < nextMs) return reject(NetworkReject.HEARTBEAT_TOO_SOON, { retryAtMs: nextMs })

  state.open(pulses).put({ node: id, timeMs: block.timeMs, height, version, freeBytes })
  if (!isFirst) return accept([])
  state.open(nodeKeys).put({ publicKey: node.publicKey, node: id })
  putNode(state, { ...node, status: 'active', untilMs: null }, node)
  return accept(nodeEvent(node, 'confirmed', { version }))
}

/** Whether a transaction is a heartbeat of the node that it names: such a signer has an allowance like a member's. */
export function isHeartbeatOfNode(state: State, { body, signer }: Transaction): boolean {
  if (body.kind !== 'node.heartbeat') return false
  const node = getNode(state, body.node)
  return node !== undefined && node.status !== 'retired' && signer === didOfKey(node.publicKey)
}
