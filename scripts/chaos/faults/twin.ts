import { copyFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { nodeId } from '@icn/consensus/cometbft'
import { fromHex } from '@icn/crypto'
import { makeNetworkFolder } from '@icn/node/setup'
import { validatorAddress } from '@icn/protocol'
import { createLocalNode, freePorts, type LocalNode, type NodePorts, until } from '@icn/testkit/network'
import { type Fault, goOn, nameOf, pickNode } from '../fault.ts'
import { type Field, numberIn } from '../field.ts'

const PATIENCE_MS = 120_000

/**
 * A second node with the key of a validator: both sign what they think, and sooner or later two things at one place. The
 * others prove it to each other, the proof is in a block of all, and the validator votes no more.
 */
export const twin: Fault = {
  name: 'two-with-one-key',
  endsNetwork: true,
  lacking: ({ nodes }) => (nodes.length < 4 ? 'it takes four validators, so that three can go on' : undefined),
  run: async (scene) => {
    const { field } = scene
    const { node, index } = pickNode(scene)
    const second = await makeTwin(field, node)
    field.guests.push(second)
    try {
      await second.start(['--accept-restored'])
      const address = validatorAddress(field.network.genesis.validators[index]?.publicKey ?? '')
      const found = await until(
        'the proof in a block',
        async () => {
          const found = field.nodes.map((each) => evidenceIn(each, address))
          return found.every((height) => height !== undefined) && found[0]
        },
        PATIENCE_MS,
      )
      const votes = async (each: LocalNode) => (await validatorsOf(each)).includes(address)
      const isRemoved = async () => !(await Promise.all(field.nodes.map(votes))).includes(true)
      await until('the removal of the validator', isRemoved, PATIENCE_MS)
      await goOn(field.nodes)
      return `${nameOf(index)} (proof in block ${found}, removed)`
    } finally {
      await second.end('SIGKILL')
    }
  },
}

async function makeTwin({ folder, nodes, network }: Field, of: LocalNode): Promise<LocalNode> {
  const home = join(folder, 'twin')
  mkdirSync(home, { mode: 0o700 })
  copyFileSync(join(of.home, 'validator-key.json'), join(home, 'validator-key.json'))
  const [ports] = (await freePorts(1)) as [NodePorts]
  const peers = nodes.map(({ home: other }) => {
    return `${nodeId(seedIn(other))}@127.0.0.1:${numberIn(other, 'p2pPort')}`
  })
  const settings = {
    'http.port': ports.http,
    'cometbft.p2pHost': '127.0.0.1',
    'cometbft.p2pPort': ports.p2p,
    'cometbft.rpcPort': ports.rpc,
    'cometbft.metricsPort': ports.metrics,
    'cometbft.privateNetwork': true,
    'cometbft.peers': peers.join(','),
  }
  makeNetworkFolder(home, settings, () => network.genesis)
  return createLocalNode(home, ['--log-level', 'warn', '--consensus-idle-ms', '1000'])
}

/** Addresses of those who vote on the next block, as CometBFT has them. */
async function validatorsOf({ home }: LocalNode): Promise<string[]> {
  const answer = await fetch(`http://127.0.0.1:${numberIn(home, 'rpcPort')}/validators?per_page=100`)
  const { result } = (await answer.json()) as { result: { validators: { address: string }[] } }
  return result.validators.map(({ address }) => address.toLowerCase())
}

function seedIn(home: string): Uint8Array {
  const { seed } = JSON.parse(readFileSync(join(home, 'node-key.json'), 'utf8')) as { seed: string }
  return fromHex(seed)
}

/** Height of the block that holds the proof against this validator. */
function evidenceIn({ home }: LocalNode, address: string): number | undefined {
  const database = new DatabaseSync(join(home, 'state.db'), { readOnly: true })
  try {
    const sql = `SELECT height FROM block WHERE report LIKE ? LIMIT 1`
    const row = database.prepare(sql).get(`%"misbehaviour":[{%${address}%`) as { height: number } | undefined
    return row?.height
  } finally {
    database.close()
  }
}
