import { join } from 'node:path'
import { cometBftBinary, nodeId, type RunningCometBft, startCometBft, writeCometHome } from '@icn/consensus/cometbft'
import { generateSeed, publicKeyFromSeed } from '@icn/crypto'
import { defaultParams, type Genesis, publicKeyToText } from '@icn/protocol'
import { freePorts, until } from '@icn/testkit/network'
import type { Load } from './client.ts'
import { type BlockFigure, runLoad, type Target } from './load.ts'

/** CometBFT's own key-value store, in its process: no socket, no signatures, no disk but for the blocks. */
export interface KvStore extends Target {
  stop(): Promise<void>
}

/** Starts as many processes with the configuration that our nodes give theirs. */
export async function startKvStore(folder: string, validators: number, bytes: number): Promise<KvStore> {
  const ports = await freePorts(validators)
  const seeds = ports.map(() => ({ validatorSeed: generateSeed(), nodeSeed: generateSeed() }))
  const genesis: Genesis = {
    chainId: 'icn-kvstore',
    name: 'kvstore',
    timeMs: Date.now(),
    validators: seeds.map(({ validatorSeed }, index) => {
      return { name: `v${index}`, publicKey: publicKeyToText(publicKeyFromSeed(validatorSeed)), power: 1 }
    }),
    params: defaultParams,
  }
  const addresses = seeds.map(({ nodeSeed }, index) => `${nodeId(nodeSeed)}@127.0.0.1:${ports[index]?.p2p}`)
  const processes = seeds.map((own, index): RunningCometBft => {
    const home = join(folder, `kvstore${index + 1}`)
    const { rpc = 0, p2p = 0 } = ports[index] ?? {}
    const config = {
      moniker: `v${index}`,
      proxyApp: 'kvstore',
      rpcListen: `tcp://127.0.0.1:${rpc}`,
      p2pListen: `tcp://127.0.0.1:${p2p}`,
      persistentPeers: addresses.filter((_, other) => other !== index),
      privateNetwork: true,
      logLevel: 'error' as const,
    }
    writeCometHome(home, { genesis, ...own, config })
    return startCometBft({ binary: cometBftBinary(), home })
  })
  const urls = ports.map(({ rpc }) => `http://127.0.0.1:${rpc}`)
  const [url = ''] = urls
  await Promise.all(urls.map((own) => until('the first block', async () => (await heightOf(own)) >= 1)))
  let next = 0

  const offer: Target['offer'] = (settings) => {
    const pace = { tickMs: 50, wait: 'accepted' as const, connections: 64, batch: 500 }
    const none = { chainId: '', proposal: '', expiryHeight: 0 }
    const first = next
    next += settings.count
    const load: Load = { target: 'kvstore', urls, ...pace, ...none, first, bytes, ...settings }
    return runLoad(load)
  }

  return {
    offer,
    blocks: (sinceMs) => blocksSince(url, sinceMs),
    stop: async () => void (await Promise.all(processes.map((own) => own.stop()))),
  }
}

async function call<T>(url: string, path: string): Promise<T> {
  const answer = await fetch(`${url}/${path}`)
  return ((await answer.json()) as { result: T }).result
}

async function heightOf(url: string): Promise<number> {
  const { sync_info } = await call<{ sync_info: { latest_block_height: string } }>(url, 'status')
  return Number(sync_info.latest_block_height)
}

/** CometBFT answers twenty at a time. */
async function blocksSince(url: string, sinceMs: number): Promise<BlockFigure[]> {
  const found: BlockFigure[] = []
  for (let top = await heightOf(url); top > 0; top -= 20) {
    const { block_metas } = await call<{
      block_metas: { header: { height: string; time: string }; num_txs: string }[]
    }>(url, `blockchain?minHeight=${Math.max(1, top - 19)}&maxHeight=${top}`)
    const page = block_metas.map(({ header, num_txs }) => {
      return { height: Number(header.height), timeMs: Date.parse(header.time), transactions: Number(num_txs) }
    })
    found.push(...page.filter(({ timeMs }) => timeMs >= sinceMs))
    if ((page.at(-1)?.timeMs ?? 0) < sinceMs) break
  }
  return found.sort((a, b) => a.height - b.height)
}
