import { validatorAddress } from '@icn/protocol'
import { assert, type State } from '../../kernel/index.ts'
import { countSeats } from './decisions.ts'
import { getNode, nodeOfKey } from './node.ts'
import { totalPower } from './power.ts'
import { rulesOf } from './rules.ts'
import {
  absences,
  networkDeadlines,
  nodeCounts,
  nodeKeys,
  nodes,
  powersBefore,
  pulses,
  removals,
  validators,
} from './tables.ts'
import { getValidator } from './validator.ts'

/** Somebody votes on blocks, only active validators are missed, keys and deadlines belong to their nodes. */
export function checkNetworkInvariants(state: State): void {
  const rules = rulesOf(state)
  if (rules !== undefined) {
    assert(totalPower(state) > 0, 'somebody votes on blocks')
    assert(countSeats(state) <= rules.maxValidators, 'there are no more validators than there may be')
  }
  for (const { address, publicKey } of state.open(validators).scan([])) {
    assert(address === validatorAddress(publicKey), `${address}: the address is that of the key`)
  }
  for (const { validator } of state.open(absences).scan([])) {
    assert(getValidator(state, validator)?.status === 'active', `${validator}: only an active validator is missing`)
  }
  for (const { validator } of state.open(removals).scan([])) {
    assert(getValidator(state, validator)?.status !== 'removed', `${validator}: who is removed does not wait for it`)
  }
  const hours = new Set(Array.from(state.open(powersBefore).scan([]), ({ hour }) => hour))
  assert(hours.size <= 25, 'changes of power are kept for a day')
  checkNodes(state)
}

function checkNodes(state: State): void {
  const deadlines = new Map(Array.from(state.open(networkDeadlines).scan([]), ({ id, dueMs }) => [id, dueMs]))
  const counts = new Map<string, number>()
  for (const node of state.open(nodes).scan([])) {
    const { id, org, status, publicKey, untilMs } = node
    if (status !== 'retired') counts.set(org, (counts.get(org) ?? 0) + 1)
    const holdsKey = status !== 'retired' && status !== 'registered'
    assert((nodeOfKey(state, publicKey)?.id === id) === holdsKey, `${id}: a confirmed node holds its key`)
    assert((deadlines.get(id) ?? null) === untilMs, `${id}: a state that waits has its deadline`)
    assert((untilMs !== null) === ['registered', 'maintenance'].includes(status), `${id}: ${status} ends in time`)
    assert(state.open(pulses).get({ node: id }) !== undefined, `${id}: every node has a row for its heartbeats`)
  }
  for (const { org, nodes: counted } of state.open(nodeCounts).scan([])) {
    assert(counted === (counts.get(org) ?? 0), `${org}: nodes are counted`)
  }
  for (const { node } of state.open(nodeKeys).scan([])) {
    assert(getNode(state, node) !== undefined, `${node}: a key belongs to a node`)
  }
}
