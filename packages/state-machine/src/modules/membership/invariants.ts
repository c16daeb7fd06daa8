import { appendLog, emptyLog, logRoot, toHex } from '@icn/crypto'
import { assert, type State } from '../../kernel/index.ts'
import { signers } from '../identity/index.ts'
import { STEWARD } from './charter.ts'
import { hasVoice, rollLeaf, rollOf, stewardsOf } from './roll.ts'
import { isActive, type Member } from './standing.ts'
import { members, organizations } from './tables.ts'

/** Rolls agree with the members they count, and their logs can be rebuilt from the members' spans. */
export function checkMembershipInvariants(state: State): void {
  const memberships = new Map<string, number>()
  for (const { did: org } of state.open(organizations).scan([])) {
    const rows = [...state.open(members).scan([org])]
    const active = rows.filter(isActive)
    const roll = rollOf(state, org)
    assert(roll.members === active.length, `${org}: the roll counts the active members`)
    assert(roll.heads === rows.filter(hasVoice).length, `${org}: the roll counts the voices`)
    assert(
      stewardsOf(state, org).stewards === active.filter(({ roles }) => roles.includes(STEWARD)).length,
      `${org}: the roll counts the stewards`,
    )
    assert(
      rows.every((member) => isActive(member) || !hasVoice(member)),
      `${org}: only active members have voice`,
    )
    assert(toHex(rebuiltRoot(rows)) === roll.root, `${org}: the spans of the members rebuild the log of the roll`)
    for (const { did } of active) memberships.set(did, (memberships.get(did) ?? 0) + 1)
  }
  for (const { did, memberships: counted } of state.open(signers).scan([])) {
    assert(counted === (memberships.get(did) ?? 0), `${did}: the memberships are counted`)
  }
}

function rebuiltRoot(rows: readonly Member[]): Uint8Array {
  let log = emptyLog()
  for (const [version, did, change] of entriesOf(rows)) log = appendLog(log, rollLeaf(version, did, change))
  return logRoot(log)
}

/** The entries of the roll's log, in order, out of the members' spans. */
export function entriesOf(
  rows: readonly Pick<Member, 'did' | 'voice'>[],
): [version: number, did: string, change: 'in' | 'out'][] {
  const entries: [number, string, 'in' | 'out'][] = []
  for (const { did, voice } of rows) {
    for (const [since, until] of voice) {
      entries.push([since, did, 'in'])
      if (until !== null) entries.push([until, did, 'out'])
    }
  }
  return entries.sort((a, b) => a[0] - b[0])
}
