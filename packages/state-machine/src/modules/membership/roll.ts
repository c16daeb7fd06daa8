import { appendLog, emptyLog, encodeCanonical, logLeaf, logRoot, toHex } from '@icn/crypto'
import { assert, type State } from '../../kernel/index.ts'
import type { Member } from './standing.ts'
import { members, rolls, type VoiceSpan } from './tables.ts'

/** An electorate by reference: the first `version` entries of the log with this root, in which `heads` have voice. */
export interface RollReference {
  readonly version: number
  /** Hex. */
  readonly root: string
  readonly heads: number
  readonly members: number
}

/** The roll as it stands. One row, whatever the size of the organization. */
export function rollOf(state: State, org: string): RollReference {
  const roll = state.open(rolls).get({ org })
  assert(roll !== undefined, `every organization has a roll, ${org} too`)
  const { version, heads, members: count } = roll
  return { version, root: toHex(logRoot(roll.log)), heads, members: count }
}

/** Whether a member has voice in an electorate frozen at a version; whoever left later still has. */
export function hasVoiceAt({ voice }: Pick<Member, 'voice'>, version: number): boolean {
  return voice.some(([since, until]) => since < version && (until === null || until >= version))
}

/** Whether a member has voice now. */
export function hasVoice({ voice }: Pick<Member, 'voice'>): boolean {
  return voice.at(-1)?.[1] === null
}

/** The leaf of one change of the roll. */
export function rollLeaf(version: number, did: string, change: 'in' | 'out'): Uint8Array {
  return logLeaf(encodeCanonical([version, did, change]))
}

/** An organization begins with an empty roll. */
export function createRoll(state: State, org: string): void {
  state.open(rolls).put({ org, version: 0, log: emptyLog(), heads: 0, members: 0, stewards: 0 })
}

/** Counts members and stewards in or out. */
export function countMembers(
  state: State,
  org: string,
  change: { readonly members?: number; readonly stewards?: number },
): void {
  const roll = rowOf(state, org)
  const { members: byMembers = 0, stewards: byStewards = 0 } = change
  state.open(rolls).put({ ...roll, members: roll.members + byMembers, stewards: roll.stewards + byStewards })
}

export function stewardsOf(state: State, org: string): { readonly members: number; readonly stewards: number } {
  return rowOf(state, org)
}

/** Enters a member into the roll, or out of it; appends to its log and to the member's own spans. */
export function changeVoice(state: State, member: Member, change: 'in' | 'out'): Member {
  assert(hasVoice(member) === (change === 'out'), `${member.did} gains and loses voice in turns`)
  const roll = rowOf(state, member.org)
  const { version } = roll
  const log = appendLog(roll.log, rollLeaf(version, member.did, change))
  const heads = roll.heads + (change === 'in' ? 1 : -1)
  state.open(rolls).put({ ...roll, version: version + 1, log, heads })
  const changed = {
    ...member,
    voice: change === 'in' ? [...member.voice, [version, null] as const] : closed(member, version),
  }
  state.open(members).put(changed)
  return changed
}

function closed({ voice }: Member, version: number): readonly VoiceSpan[] {
  return voice.map((span, index): VoiceSpan => (index === voice.length - 1 ? [span[0], version] : span))
}

function rowOf(state: State, org: string) {
  const roll = state.open(rolls).get({ org })
  assert(roll !== undefined, `every organization has a roll, ${org} too`)
  return roll
}
