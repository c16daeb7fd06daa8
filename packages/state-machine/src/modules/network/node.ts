import { didFromPublicKey, MembershipReject, NetworkReject, publicKeyFromText, type Transaction } from '@icn/protocol'
import { cancel, type LedgerEvent, type Refused, reject, type State, schedule } from '../../kernel/index.ts'
import { getMember, getOrganization, hasPermission, isActive } from '../membership/index.ts'
import { networkDeadlines, nodeCounts, nodeKeys, nodes } from './tables.ts'

/** A node as its row holds it. */
export type Node = NonNullable<(typeof nodes)['types']>['row']

export function getNode(state: State, id: string): Node | undefined {
  return state.open(nodes).get({ id })
}

/** The node that has proved to hold a key. */
export function nodeOfKey(state: State, publicKey: string): Node | undefined {
  const row = state.open(nodeKeys).get({ publicKey })
  return row === undefined ? undefined : getNode(state, row.node)
}

/** The DID that signs with a node's key. @param publicKey - checked when the node was registered */
export function didOfKey(publicKey: string): string {
  return didFromPublicKey(publicKeyFromText(publicKey) ?? new Uint8Array(32))
}

/** Why a signer may not act for the nodes of an organization; `undefined` where they may. */
export function faultOfOperator(state: State, org: string, signer: string): Refused | undefined {
  const organization = getOrganization(state, org)
  if (organization === undefined) return reject(MembershipReject.ORG_NOT_FOUND)
  const member = getMember(state, org, signer)
  if (!isActive(member)) return reject(MembershipReject.NOT_A_MEMBER)
  if (hasPermission(organization, member, 'node.operate')) return undefined
  return reject(MembershipReject.PERMISSION_DENIED, { permission: 'node.operate' })
}

/** The node that a transaction of its organization is about, or why it may not be. */
export function operatedNode(state: State, id: string, tx: Transaction): Node | Refused {
  const node = getNode(state, id)
  if (node === undefined) return reject(NetworkReject.NODE_NOT_FOUND)
  const fault = faultOfOperator(state, node.org, tx.signer)
  if (fault !== undefined) return fault
  return node.status === 'retired' ? reject(NetworkReject.NODE_RETIRED) : node
}

export function isRefused(value: Node | Refused): value is Refused {
  return 'ok' in value
}

/** Writes a node whose deadline, if it had one, is set anew. */
export function putNode(state: State, node: Node, before?: Node): void {
  const { id, untilMs, status } = node
  const beforeMs = before?.untilMs ?? null
  if (beforeMs !== null && beforeMs !== untilMs) cancel(state, networkDeadlines, { dueMs: beforeMs, id })
  if (untilMs !== null) {
    const kind = status === 'registered' ? 'registration' : 'maintenance'
    schedule(state, networkDeadlines, { dueMs: untilMs, id, kind })
  }
  state.open(nodes).put(node)
}

/** Ends a node for good; its key may be registered again. */
export function endNode(state: State, node: Node): LedgerEvent {
  putNode(state, { ...node, status: 'retired', untilMs: null }, node)
  countNodes(state, node.org, -1)
  if (nodeOfKey(state, node.publicKey)?.id === node.id) state.open(nodeKeys).delete({ publicKey: node.publicKey })
  return nodeEvent(node, 'retired')
}

export function countNodes(state: State, org: string, by: 1 | -1): void {
  const rows = state.open(nodeCounts)
  rows.put({ org, nodes: (rows.get({ org })?.nodes ?? 0) + by })
}

export function nodeEvent({ org, id, moniker }: Node, what: string, data: LedgerEvent['data'] = {}): LedgerEvent {
  return { topic: `node.${what}`, org, subject: id, data: { moniker, ...data } }
}
