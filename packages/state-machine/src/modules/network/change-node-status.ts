import { type Bodies, MembershipReject, NetworkReject, type Transaction } from '@icn/protocol'
import { accept, type BlockContext, type Outcome, reject, type State } from '../../kernel/index.ts'
import { endNode, isRefused, type Node, nodeEvent, operatedNode, putNode } from './node.ts'
import { getValidatorOfKey } from './validator.ts'

/** Maintenance is announced for at most this long. */
const LONGEST_MS = 30 * 86_400_000

/** Announces that nothing new should be placed on a node. */
export function drainNode(tx: Transaction, _block: BlockContext, state: State): Outcome {
  const node = operatedNode(state, (tx.body as Bodies['node.drain']).node, tx)
  if (isRefused(node)) return node
  if (node.status !== 'active') return wrongStatus(node)
  return change(state, node, { status: 'draining', untilMs: null }, 'draining')
}

/** Announces that a node is away until then; it comes back by itself. */
export function maintainNode(tx: Transaction, block: BlockContext, state: State): Outcome {
  const { node: id, untilTimeMs } = tx.body as Bodies['node.maintenance']
  const node = operatedNode(state, id, tx)
  if (isRefused(node)) return node
  if (node.status === 'registered') return wrongStatus(node)
  if (untilTimeMs <= block.timeMs || untilTimeMs > block.timeMs + LONGEST_MS) {
    return reject(MembershipReject.TIME_OUT_OF_RANGE, { expected: 'a time within 30 days' })
  }
  return change(state, node, { status: 'maintenance', untilMs: untilTimeMs }, 'maintenance')
}

/** Ends draining or maintenance. */
export function resumeNode(tx: Transaction, _block: BlockContext, state: State): Outcome {
  const node = operatedNode(state, (tx.body as Bodies['node.resume']).node, tx)
  if (isRefused(node)) return node
  if (node.status !== 'draining' && node.status !== 'maintenance') return wrongStatus(node)
  return change(state, node, { status: 'active', untilMs: null }, 'resumed')
}

/** Ends a node for good. A validator leaves by decision first: blocks may depend on it. */
export function retireNode(tx: Transaction, _block: BlockContext, state: State): Outcome {
  const node = operatedNode(state, (tx.body as Bodies['node.retire']).node, tx)
  if (isRefused(node)) return node
  const validator = node.status === 'registered' ? undefined : getValidatorOfKey(state, node.publicKey)
  if (validator !== undefined && validator.status !== 'removed') return reject(NetworkReject.NODE_IS_VALIDATOR)
  return accept(endNode(state, node))
}

function wrongStatus({ status }: Node): Outcome {
  return reject(NetworkReject.WRONG_NODE_STATUS, { status })
}

function change(state: State, node: Node, to: Pick<Node, 'status' | 'untilMs'>, what: string): Outcome {
  putNode(state, { ...node, ...to }, node)
  return accept(nodeEvent(node, what))
}
