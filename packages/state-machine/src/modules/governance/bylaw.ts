import { type Action, type BylawEdit, ExecutionFailure } from '@icn/protocol'
import type { BlockContext, State } from '../../kernel/index.ts'
import type { ActionResult } from '../membership/index.ts'
import type { Proposal } from './proposal.ts'
import { bylaws } from './tables.ts'

const LONGEST_TEXT = 200_000

/** Adopts a bylaw, or amends the version that the proposal was written against; any other version is a conflict. */
export function adoptBylaw(
  state: State,
  block: BlockContext,
  { org, id }: Proposal,
  action: Action & { readonly do: 'bylaw' },
): ActionResult {
  const rows = state.open(bylaws)
  const { bylaw, title, baseVersion, edits } = action
  const current = rows.get({ org, bylaw })
  const text = (current?.version ?? 0) === baseVersion ? applyEdits(current?.text ?? '', edits) : undefined
  if (text === undefined) return { ok: false, failure: ExecutionFailure.BYLAW_CONFLICT }
  const version = baseVersion + 1
  rows.put({ org, bylaw, title, text, version, proposal: id, timeMs: block.timeMs })
  return { ok: true, events: [{ topic: 'bylaw.adopted', org, subject: id, data: { bylaw, version } }] }
}

/**
 * The text with every edit at its line of the base; lines count from 0 and an empty text has none. `undefined` where a
 * line to be removed does not stand there, edits overlap or go backwards, or the text would grow too long.
 */
export function applyEdits(base: string, edits: readonly BylawEdit[]): string | undefined {
  const lines = base === '' ? [] : base.split('\n')
  const result: string[] = []
  let next = 0
  for (const { line, remove, insert } of edits) {
    if (line < next || line + remove.length > lines.length) return undefined
    if (remove.some((text, offset) => lines[line + offset] !== text)) return undefined
    result.push(...lines.slice(next, line), ...insert)
    next = line + remove.length
  }
  const text = [...result, ...lines.slice(next)].join('\n')
  return text.length <= LONGEST_TEXT ? text : undefined
}
