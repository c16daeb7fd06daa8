import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { historyId } from '@icn/state-machine/kernel'
import { type LocalNode, until } from '@icn/testkit/network'
import { type Fault, goOn, heightOf, hold, nameOf, othersThan, pickNode } from '../fault.ts'
import { signal } from '../field.ts'
import { goodTransactions, hostileEntries } from '../hostile-entries.ts'
import { type HostileReport, lackOfHostilePeer, peerAddress, startHostilePeer } from '../hostile-peer.ts'

const GOOD = 4
/** What a peer handed in is in a block by then. */
const PATIENCE_MS = 60_000
const SEEDS = 2 ** 31

/** Whom it visits. The last begins anew meanwhile: with what it was sent in its log, and with such a peer to catch up from. */
const VARIANTS = ['one', 'all', 'starting'] as const
/** The peer is well at work by then. */
const UNDER_WAY_MS = 1_500

/**
 * A stranger who completes CometBFT's handshake as a peer, sends garbage on every channel, and comes again when it is thrown
 * out: no process may end, and blocks with votes must come all the time.
 */
export const hostilePeer: Fault = {
  name: 'hostile-peer',
  lacking: lackOfHostilePeer,
  run: async (scene) => {
    const { field, random, nth } = scene
    const { node, index } = pickNode(scene)
    const variant = VARIANTS[nth % VARIANTS.length]
    const [witness = node] = othersThan(field, index)
    const visited = variant === 'all' ? field.nodes : [node]
    const untouched = variant === 'starting' ? othersThan(field, index) : field.nodes
    const { chainId } = field.network.genesis
    const good = goodTransactions(chainId, GOOD)
    const pids = pidsOf(untouched)
    const from = await heightOf(witness)
    const groups = hostileEntries(random, chainId, good)
    const addresses = visited.map(peerAddress)
    const peer = startHostilePeer({ network: chainId, seed: random.below(SEEDS), addresses, groups, crowded: [] })
    const report = await (variant === 'starting' ? startAnew(node) : hold(scene))
      .then(() => peer.end())
      .finally(() => peer.kill())
    const meanwhile = blocksIn(witness, from, await heightOf(witness))
    const last = `what came last:\n${report.last.join('\n')}`
    if (pidsOf(untouched) !== pids) throw new Error(`processes ${pids} became ${pidsOf(untouched)}; ${last}`)
    if (report.refused > 0) throw new Error(`the peer was not let in; ${last}`)
    if (meanwhile.votes === 0) throw new Error(`no vote was committed meanwhile; ${last}`)
    await goOn(field.nodes)
    for (const bytes of good) await committed(witness, bytes)
    const whom = variant === 'all' ? 'all nodes' : `${nameOf(index)}${variant === 'starting' ? ', started anew' : ''}`
    return `${whom} (${inWords(report)}; ${meanwhile.inWords})`
  },
}

async function startAnew(node: LocalNode): Promise<void> {
  await pause(UNDER_WAY_MS)
  const pid = node.cometBftPid()
  if (pid !== undefined) signal(pid, 'SIGKILL')
  await node.end('SIGKILL')
  await node.start()
}

function pidsOf(nodes: readonly LocalNode[]): string {
  return nodes.map((node) => `${node.pid()}+${node.cometBftPid()}`).join(' ')
}

function inWords({ attacks, connections, thrownOut, messages, bytes }: HostileReport): string {
  const sent = `${messages} messages of ${(bytes / 1e6).toFixed(1)} MB`
  return `${attacks} attacks: ${connections} connections, ${thrownOut} thrown out, ${sent}`
}

/** Blocks after one height up to another: a block's time is that of the votes on the one before. */
function blocksIn({ home }: LocalNode, from: number, last: number) {
  const database = new DatabaseSync(join(home, 'state.db'), { readOnly: true })
  try {
    const times = database
      .prepare('SELECT timeMs FROM block WHERE height BETWEEN ? AND ? ORDER BY height')
      .all(from, last)
      .map(({ timeMs }) => Number(timeMs))
    const sql = `SELECT count(*) AS count FROM tx WHERE id >= ? AND id < ? AND kind = 'vote.cast'`
    const votes = Number(database.prepare(sql).get(historyId(from + 1, 0), historyId(last + 1, 0))?.count)
    const longestMs = Math.max(...times.slice(1).map((timeMs, place) => timeMs - (times[place] ?? 0)))
    return { votes, inWords: `${votes} votes in ${last - from} blocks, at most ${longestMs} ms apart` }
  } finally {
    database.close()
  }
}

async function committed(node: LocalNode, bytes: Uint8Array): Promise<void> {
  const hash = createHash('sha256').update(bytes).digest('hex')
  const look = async () => {
    const answer = await fetch(`${node.url()}/v1/transactions/${hash}`)
    await answer.body?.cancel()
    return answer.status === 200
  }
  await until(`the good transaction ${hash}`, look, PATIENCE_MS)
}
