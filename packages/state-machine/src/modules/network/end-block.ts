import { defaultAttendance, type Genesis } from '@icn/protocol'
import {
  type BlockContext,
  type Deadline,
  type LedgerEvent,
  type State,
  takeDue,
  type ValidatorReport,
} from '../../kernel/index.ts'
import { recordAttendance } from './attendance.ts'
import { punish } from './misbehaviour.ts'
import { endNode, getNode, nodeEvent } from './node.ts'
import { seedNetwork } from './seed.ts'
import { networkDeadlines, nodes } from './tables.ts'

/** Deadlines handled in one block; what is over waits for the next. */
const MOST_ITEMS = 200

/** Ends registrations and maintenance whose time is over, and takes in what consensus tells of the validators. */
export function endNetworkBlock(
  genesis: Genesis,
  block: BlockContext,
  state: State,
  report: ValidatorReport,
): readonly LedgerEvent[] {
  const { attendance = defaultAttendance } = genesis.params
  const seeded = seedNetwork(genesis, block, state)
  const due = takeDue(state, networkDeadlines, block.timeMs, MOST_ITEMS)
  const ended = due.flatMap((deadline) => handle(deadline, state))
  return [...seeded, ...ended, ...punish(block, state, report), ...recordAttendance(attendance, block, state, report)]
}

function handle({ kind, id }: Deadline, state: State): LedgerEvent[] {
  const node = getNode(state, id)
  if (node === undefined) return []
  if (kind === 'registration') return [endNode(state, node)]
  state.open(nodes).put({ ...node, status: 'active', untilMs: null })
  return [nodeEvent(node, 'resumed')]
}
