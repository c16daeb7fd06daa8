export { isAlive, type LocalNetwork, type LocalNetworkOptions, startNetwork } from './local-network.ts'
export { createLocalNode, type LocalNode, type StartOptions } from './local-node.ts'
export { freePorts, type NodePorts, portsFrom } from './ports.ts'
export { until } from './until.ts'
