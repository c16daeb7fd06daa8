import {
  appendLog,
  emptyLog,
  encodeCanonical,
  extendLog,
  growLog,
  type Log,
  logTrees,
  sha256,
  toHex,
} from '@icn/crypto'
import { type LaneEvent, type LaneGroup, laneGroupHash, laneLeaf } from '@icn/protocol'
import { ORG, PROPOSAL, SIGNER } from './bodies.ts'
import { ascii, withHex } from './json.ts'

const VOTE: LaneEvent = ['vote.cast', ORG, PROPOSAL, { voter: SIGNER, changed: false }]

/** A transaction with one event, one with several, and what an end of a block is; with all that an event may hold. */
const GROUPS: readonly LaneGroup[] = [
  { index: 0, transaction: sha256(ascii('transaction 0')), signature: new Uint8Array(64).fill(7), events: [VOTE] },
  {
    index: 3,
    transaction: sha256(ascii('transaction 3')),
    signature: new Uint8Array(64).fill(255),
    events: [VOTE, ['member.joined', ORG, SIGNER, { name: 'Zoë 🥐' }], ['network.changed', null, 'network', {}]],
  },
  { index: 4, transaction: null, signature: null, events: [['proposal.closed', ORG, PROPOSAL, { turnout: 12 }]] },
]

export function makeLanes(): unknown {
  const hashes = GROUPS.map(laneGroupHash)
  const groups = GROUPS.map((group, at) => {
    const { index, transaction, signature, events } = group
    return { ...group, bytes: encodeCanonical([index, transaction, signature, events]), hash: hashes[at] }
  })
  let log = emptyLog()
  const blocks = [1, 2, 3].map((count) => {
    const own = hashes.slice(0, count)
    const [height, timeMs] = [10 * count, 1_700_000_000_000 + count]
    const leaf = laneLeaf(height, timeMs, own)
    log = appendLog(log, leaf)
    return { height, timeMs, groups: own, bytes: encodeCanonical([height, timeMs, own]), leaf, log }
  })
  return { groups: events(groups), blocks: withHex(blocks), extensions: extensions() }
}

/** Texts of events are no byte strings. */
function events(groups: readonly (LaneGroup & object)[]): unknown {
  return groups.map(({ events: own, ...rest }) => ({ ...(withHex(rest) as object), events: own }))
}

/** From each of some sizes to each larger one, by the nodes that the leaves made. */
function extensions(): unknown {
  const logs: Log[] = [emptyLog()]
  const nodes: (readonly Uint8Array[])[] = []
  for (let height = 1; height <= 13; height++) {
    const grown = growLog(logs.at(-1) as Log, laneLeaf(height, height, []))
    logs.push(grown.log)
    nodes.push(grown.nodes)
  }
  return [0, 1, 4, 6, 11].flatMap((from) =>
    [6, 8, 13]
      .filter((to) => to >= from)
      .map((to) => {
        const roots = logTrees(from, to).map(
          ({ first, height }) => nodes[first + 2 ** height - 1]?.[height] as Uint8Array,
        )
        if (extendLog(logs[from] as Log, to, roots).peaks !== logs[to]?.peaks) throw new Error('roots lead elsewhere')
        return { from: logs[from], to: logs[to], roots: roots.map(toHex) }
      }),
  )
}
