/**
 * `npm run network -- --validators 4 [--base-port P] [--home DIR] [--json]`: a network of real nodes with real CometBFT
 * processes on loopback, until Ctrl-C or SIGTERM. Node i has the ports P + 10·(i − 1): HTTP, then P2P, RPC and metrics of
 * CometBFT. Without `--home` the folders are new ones, and are removed at the end. The file `founder-key` holds the secret
 * of whoever decides about validators at first.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { type LocalNetwork, startNetwork } from '@icn/testkit/network'
import { setUpCometBft } from './setup-cometbft.ts'

const USAGE = 'usage: npm run network -- [--validators N] [--observers N] [--base-port P] [--home DIR] [--json]'

function readOptions() {
  const { values } = parseArgs({
    options: {
      validators: { type: 'string', default: '4' },
      observers: { type: 'string', default: '0' },
      'base-port': { type: 'string', default: '7420' },
      home: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  })
  const numbers = [values.validators, values.observers, values['base-port']].map((text) =>
    /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN,
  )
  const [validators = 0, observers = 0, basePort = 0] = numbers
  const isRight = validators >= 1 && observers >= 0 && validators + observers <= 50
  if (!isRight || !(basePort >= 1_024 && basePort <= 65_000)) throw new RangeError('expected 1 to 50 nodes, and a port')
  return { validators, observers, basePort, home: values.home, json: values.json }
}

async function run({ home, json, ...options }: ReturnType<typeof readOptions>): Promise<number> {
  const setup = setUpCometBft({ quiet: json })
  if (!setup.ok) {
    console.error(setup.reason)
    return 2
  }
  const folder = home === undefined ? mkdtempSync(join(tmpdir(), 'icn-network-')) : resolve(home)
  mkdirSync(folder, { recursive: true })
  const signalled = nextSignal()
  let network: LocalNetwork | undefined
  try {
    network = await startNetwork({ folder, ...options })
    const { genesis, nodes } = network
    const list = nodes.map((node, index) => ({
      name: genesis.validators[index]?.name ?? `Observer ${index + 1 - genesis.validators.length}`,
      url: node.url(),
      pid: node.pid(),
      cometBftPid: node.cometBftPid(),
      home: node.home,
    }))
    const founderKey = join(folder, 'founder-key')
    if (json) console.log(JSON.stringify({ network: genesis.chainId, folder, founderKey, nodes: list }))
    else {
      for (const { name, url, pid, cometBftPid } of list)
        console.log(`${name.padEnd(14)} ${url}  node ${pid}, CometBFT ${cometBftPid}`)
      if (existsSync(founderKey)) console.log(`founder        icn key import NAME --secret ${founderKey}`)
      console.log(`ready ${nodes[0]?.url()} network=${genesis.chainId} nodes=${nodes.length}; Ctrl-C ends it`)
    }
    const dead = nodes.map((node) =>
      node.ended().then((code) => `the node in ${node.home} ended with ${code}:\n${node.log()}`),
    )
    const said = await Promise.race([signalled, ...dead])
    if (said !== undefined) console.error(said)
    return said === undefined ? 0 : 1
  } catch (error) {
    console.error((error as Error).message)
    return 1
  } finally {
    await network?.stop()
    if (home === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

function nextSignal(): Promise<void> {
  return new Promise((done) => {
    // Not once: who presses Ctrl-C again must not end this before the nodes.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => done())
  })
}

try {
  process.exitCode = await run(readOptions())
  process.exit()
} catch (error) {
  console.error(`${(error as Error).message}\n${USAGE}`)
  process.exit(2)
}
