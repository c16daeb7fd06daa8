import { isStrictPublicKey } from '@icn/crypto'
import { type Bodies, IdentityReject, Limits, NetworkReject, publicKeyFromText, type Transaction } from '@icn/protocol'
import { accept, assignId, type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { countNodes, faultOfOperator, nodeEvent, nodeOfKey, putNode } from './node.ts'
import { nodeCounts, pulses } from './tables.ts'

/** A registration without a heartbeat lapses after this time. */
const REGISTRATION_MS = 7 * 86_400_000

/**
 * Registers a node of an organization. It holds its place for a week; the first heartbeat, signed by the node's own key,
 * makes it a node. Before that the key is only claimed, so nobody can take the key of somebody else's node.
 */
export function registerNode(tx: Transaction, block: BlockContext, state: State): Outcome {
  const { org, publicKey, moniker, roles, http, p2p, region, capacityBytes, version } =
    tx.body as Bodies['node.register']
  const fault = faultOfOperator(state, org, tx.signer)
  if (fault !== undefined) return fault
  const key = publicKeyFromText(publicKey)
  if (key === undefined || !isStrictPublicKey(key)) return reject(IdentityReject.KEY_INVALID)
  if (nodeOfKey(state, publicKey) !== undefined) return reject(NetworkReject.NODE_KEY_TAKEN)
  const limit = Limits.nodesPerOrganization
  if ((state.open(nodeCounts).get({ org })?.nodes ?? 0) >= limit) {
    return reject(NetworkReject.TOO_MANY_NODES, { limit })
  }

  const id = assignId('n', block)
  const about = { moniker, roles: [...new Set(roles)], http, p2p, region, capacityBytes }
  const times = { untilMs: block.timeMs + REGISTRATION_MS, registeredTimeMs: block.timeMs }
  const node = { id, org, publicKey, ...about, status: 'registered', ...times }
  putNode(state, node)
  countNodes(state, org, 1)
  state.open(pulses).put({ node: id, timeMs: 0, height: 0, version, freeBytes: capacityBytes })
  return accept(nodeEvent(node, 'registered'), { node: id })
}
