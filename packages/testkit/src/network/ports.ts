import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'

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

/** Ports that were free a moment ago, each another one: all are held until the last is known. */
export async function freePorts(nodes: number): Promise<NodePorts[]> {
  const servers = Array.from({ length: 4 * nodes }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return Array.from({ length: nodes }, (_, index) => {
    const [http = 0, p2p = 0, rpc = 0, metrics = 0] = ports.slice(4 * index)
    return { http, p2p, rpc, metrics }
  })
}
