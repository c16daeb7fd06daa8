import { appendLog, emptyLog, encodeCanonical, logLeaf, logRoot, toHex } from '@icn/crypto'
import type { RollEntry } from '@icn/protocol'
import type { FrozenRoll } from '@icn/state-machine/governance'
import { demand } from './check.ts'

/** Who has voice in the frozen roll. @throws AuditFailure unless the entries are exactly those that were frozen */
export function checkRoll(entries: readonly RollEntry[], roll: FrozenRoll): ReadonlySet<string> {
  const voices = new Set<string>()
  let log = emptyLog()
  for (const [index, [version, did, change]] of entries.entries()) {
    demand(version === index, `the entries of the roll have no gaps; ${index} is missing`)
    demand(voices.has(did) === (change === 'out'), `${did} gains and loses voice in turns`)
    if (change === 'in') voices.add(did)
    else voices.delete(did)
    log = appendLog(log, logLeaf(encodeCanonical([version, did, change])))
  }
  demand(
    log.size === roll.version,
    `the roll was frozen at version ${roll.version}, the bundle has ${log.size} entries`,
  )
  demand(toHex(logRoot(log)) === roll.root, 'the entries lead to the root that was frozen')
  demand(voices.size === roll.heads, `${roll.heads} heads were frozen, ${voices.size} have voice`)
  return voices
}
