import { readLightBlock } from '@icn/consensus/light-block'
import type { LightRpc } from '@icn/http-api'
import { type LightBlock, type LightBlockSource, trustedGenesis } from '@icn/protocol/light'
import type { Logger } from 'pino'
import type { Configuration } from '../config/load.ts'
import { nodeUrls } from '../config/settings.ts'
import { listOf } from '../home/list-of.ts'
import type { Home } from '../home/open-home.ts'
import { createPathKeeper, type PathKeeper } from './keep-path.ts'
import { openKeptBlocks } from './kept-blocks.ts'

/** The way from the genesis to the present, kept where CometBFT does not have all of it. */
export interface LightPath extends PathKeeper {
  readonly path: () => readonly LightBlock[]
  /** What CometBFT has, or else what is kept. */
  readonly block: LightBlockSource
}

export interface LightPathOptions {
  readonly configuration: Configuration
  readonly home: Home
  /** Of this node's own CometBFT. */
  readonly rpc: LightRpc
  /** Somebody wants the node to end. */
  readonly stopping: AbortSignal
  readonly logger: Logger
}

/** Where a node of ours answers what light clients ask of CometBFT; the rest of its address is that of the node. */
const LIGHT_RPC = '/v1/network/light-rpc'

export function openLightPath({ configuration, home, rpc, stopping, logger }: LightPathOptions): LightPath {
  const start = trustedGenesis(home.genesis, home.continues?.height)
  const kept = openKeptBlocks(home.lightFile, start, (reason) =>
    logger.warn({ reason }, 'the light blocks that were kept cannot be used: they are looked for anew'),
  )
  const callAll: Parameters<typeof readLightBlock>[0]['callAll'] = (calls) =>
    Promise.all(calls.map(({ method, params }) => rpc(method, params)))
  const own: LightBlockSource = (height) => readLightBlock({ callAll }, height)
  const keeper = createPathKeeper({
    kept,
    start,
    continues: home.continues,
    own,
    peers: peersOf(configuration),
    stopping,
    logger,
  })

  return {
    ...keeper,
    path: kept.path,
    block: async (height) => (await own(height)) ?? kept.at(height),
    close: async () => {
      await keeper.close()
      kept.close()
    },
  }
}

/** Nodes that this one knows by their address: those that it began by, and those that its monitor looks at. */
function peersOf({ values }: Configuration): string[] {
  const servers = listOf(values['cometbft.syncServers']).filter((address) => address.endsWith(LIGHT_RPC))
  const nodes = servers.map((address) => address.slice(0, -LIGHT_RPC.length))
  return [...new Set([...nodes, ...nodeUrls(values['monitor.nodes'])])]
}
