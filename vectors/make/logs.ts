import { appendLog, emptyLog, encodeCanonical, type Log, logLeaf, logRoot, toHex } from '@icn/crypto'
import { ascii } from './json.ts'

/** Every size from nothing to 9, so that one, two and three peaks and a lone full tree come up. */
export function makeLogs(): unknown {
  const entries = Array.from({ length: 9 }, (_, i) => ascii(`entry ${i}`))
  const states: unknown[] = []
  let log = emptyLog()
  states.push(stateOf(log))
  for (const entry of entries) {
    log = appendLog(log, logLeaf(entry))
    states.push(stateOf(log))
  }
  return {
    entries: entries.map(toHex),
    leaves: entries.map((entry) => toHex(logLeaf(entry))),
    states,
    roll: makeRoll(),
  }
}

function stateOf(log: Log): unknown {
  return { ...log, root: toHex(logRoot(log)) }
}

function makeRoll(): unknown {
  const entries = [
    [0, 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK', 'in'],
    [1, 'did:icn:vectors-1:mzxw6ytboi', 'in'],
    [2, 'did:icn:vectors-1:mzxw6ytboi', 'out'],
  ]
  let log = emptyLog()
  for (const entry of entries) log = appendLog(log, logLeaf(encodeCanonical(entry)))
  return { entries, encoded: entries.map((entry) => toHex(encodeCanonical(entry))), root: toHex(logRoot(log)) }
}
