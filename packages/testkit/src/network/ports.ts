import { takePorts } from './take-ports.ts'

/** The ports of one node and its CometBFT, on loopback. */
export interface NodePorts {
  readonly http: number
  readonly p2p: number
  readonly rpc: number
  readonly metrics: number
}

/** Ports of node `index` (from 0) of a network that begins at `base`: ten for each. */
export function portsFrom(base: number, index: number): NodePorts {
  const first = base + 10 * index
  return { http: first, p2p: first + 1, rpc: first + 2, metrics: first + 3 }
}

/** Ports that no other test gets, each another one. */
export async function freePorts(nodes: number): Promise<NodePorts[]> {
  const taken = await Promise.all(Array.from({ length: nodes }, () => takePorts(4)))
  return taken.map(([first = 0]) => portsFrom(first, 0))
}
