import type { Genesis } from '@icn/protocol'
import type { StateModule } from '../../kernel/index.ts'
import { drainNode, maintainNode, resumeNode, retireNode } from './change-node-status.ts'
import { endNetworkBlock } from './end-block.ts'
import { beat } from './heartbeat.ts'
import { checkNetworkInvariants } from './invariants.ts'
import { openNetwork } from './open-network.ts'
import { registerNode } from './register-node.ts'
import { networkTables } from './tables.ts'
import { unjail } from './unjail.ts'
import { updateNode } from './update-node.ts'

/** Nodes, validators, what the network's own rules are and which upgrade is planned. */
export function networkModule(genesis: Genesis): StateModule {
  return {
    name: 'network',
    lane: 0,
    tables: networkTables,
    isLater: true,
    handlers: {
      'node.register': registerNode,
      'node.update': updateNode,
      'node.drain': drainNode,
      'node.maintenance': maintainNode,
      'node.resume': resumeNode,
      'node.retire': retireNode,
      'node.heartbeat': beat,
      'validator.unjail': unjail,
      'network.open': openNetwork(genesis),
    },
    endBlock: (block, state, report) => endNetworkBlock(genesis, block, state, report),
    checkInvariants: checkNetworkInvariants,
  }
}

export { missedInWindow } from './attendance.ts'
export { admitValidator, changeNetwork, countSeats, removeValidator } from './decisions.ts'
export { HEARTBEAT_GAP_MS, isHeartbeatOfNode, SILENT_MS } from './heartbeat.ts'
export { nodeOfKey } from './node.ts'
export * from './queries.ts'
export { isRenewal } from './renew.ts'
export { federationOf, type NetworkRules, paramsInForce, rulesOf } from './rules.ts'
export {
  absences,
  networkRules,
  nodes,
  powersBefore,
  pulses,
  removals,
  sanctions,
  upgrades,
  validators,
} from './tables.ts'
export {
  cancelUpgrade,
  type PlannedUpgrade,
  plannedUpgrade,
  planUpgrade,
  UpgradeNeeded,
  upgradeInForce,
} from './upgrade.ts'
export { getValidator, isOperator, updatesOf, type Validator, votersAt } from './validator.ts'
