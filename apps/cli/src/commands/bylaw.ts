import type { Action } from '@icn/protocol'
import { usage } from '../cli-error.ts'
import { readText } from '../files.ts'
import { allOf } from '../pages.ts'
import { readAs, type Session } from '../session.ts'

type BylawAction = Action & { readonly do: 'bylaw' }

/**
 * The text of a file as a bylaw, written as a change of the one in force: lines that stay are not sent, and a decision on
 * something else in the meantime makes it fail cleanly.
 *
 * @param given - `NAME=FILE`
 */
export async function bylawAction(session: Session, org: string, given: string, title: string): Promise<BylawAction> {
  const [, bylaw, file] = /^([^=]+)=(.+)$/.exec(given) ?? []
  if (bylaw === undefined || file === undefined)
    throw usage(`${given} names no bylaw and file.`, 'For example --bylaw cleaning=cleaning.txt')
  const text = readText(file).replaceAll('\r\n', '\n').replace(/\n$/, '')
  const all = await readAs(session, org, (client) => allOf(client, 'bylaws', { params: { org } }))
  const current = all.find((own) => own.bylaw === bylaw)
  const edit = editOf(current?.text ?? '', text)
  if (edit === undefined) throw usage(`${file} is what the bylaw ${bylaw} says already.`, 'Change the file first.')
  return { do: 'bylaw', bylaw, title, baseVersion: current?.version ?? 0, edits: [edit] }
}

/** One edit that makes one text of another: what they begin and end with stays. `undefined` where they are the same. */
function editOf(base: string, text: string): BylawAction['edits'][number] | undefined {
  if (base === text) return undefined
  const before = base === '' ? [] : base.split('\n')
  const after = text === '' ? [] : text.split('\n')
  const shorter = Math.min(before.length, after.length)
  let line = 0
  while (line < shorter && before[line] === after[line]) line++
  let end = 0
  while (end < shorter - line && before.at(-1 - end) === after.at(-1 - end)) end++
  return { line, remove: before.slice(line, before.length - end), insert: after.slice(line, after.length - end) }
}
