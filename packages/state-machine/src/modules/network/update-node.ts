import type { Bodies, Transaction } from '@icn/protocol'
import { accept, type BlockContext, type Outcome, type State } from '../../kernel/index.ts'
import { isRefused, nodeEvent, operatedNode } from './node.ts'
import { nodes } from './tables.ts'

/** Replaces what an organization says of its node. Its key and its state stay. */
export function updateNode(tx: Transaction, _block: BlockContext, state: State): Outcome {
  const { node: id, moniker, roles, http, p2p, region, capacityBytes } = tx.body as Bodies['node.update']
  const node = operatedNode(state, id, tx)
  if (isRefused(node)) return node
  const updated = { ...node, moniker, roles: [...new Set(roles)], http, p2p, region, capacityBytes }
  state.open(nodes).put(updated)
  return accept(nodeEvent(updated, 'updated'))
}
