import { assert, type EndBlock, FIRST_RULES, type Handler } from './kernel/index.ts'

/**
 * What a version of the rules does otherwise than the one before it. A program knows every version up to its own and makes
 * each block by the one that is in force there, so the rules that a revision replaces stay as they are, for good.
 */
export interface Revision {
  /** From 2. */
  readonly version: number
  /** By kind of transaction. @param before - the handler of the version before */
  readonly handlers?: Readonly<Record<string, (before: Handler) => Handler>>
  /** @param before - the end of a block by the version before */
  readonly endBlock?: (before: EndBlock) => EndBlock
}

/** Later versions of the rules that this program knows: none so far. Append only, since old blocks are replayed by them. */
export const REVISIONS: readonly Revision[] = []

/** The rules of one version, whole. */
export interface Rules {
  readonly version: number
  readonly handlers: ReadonlyMap<string, Handler>
  readonly endBlock: EndBlock
}

/** Every version of the rules, the first one first, each on top of the one before it. */
export function versionsOf(first: Omit<Rules, 'version'>, revisions: readonly Revision[]): readonly Rules[] {
  const versions: Rules[] = [{ version: FIRST_RULES, ...first }]
  let last: Rules = { version: FIRST_RULES, ...first }
  for (const revision of revisions) {
    assert(revision.version > last.version, 'versions of the rules are listed in their order')
    last = revise(last, revision)
    versions.push(last)
  }
  return versions
}

/** The rules of a version; one that brought no change of its own has those of the version before. */
export function rulesOfVersion(versions: readonly Rules[], version: number): Rules {
  const rules = versions.findLast((own) => own.version <= version)
  assert(rules !== undefined, `there are rules of version ${version}`)
  return rules
}

function revise(before: Rules, { version, handlers = {}, endBlock }: Revision): Rules {
  const revised = new Map(before.handlers)
  for (const [kind, change] of Object.entries(handlers)) {
    const handler = before.handlers.get(kind)
    assert(handler !== undefined, `version ${version} changes what there is, and ${kind} is not`)
    revised.set(kind, change(handler))
  }
  return { version, handlers: revised, endBlock: endBlock === undefined ? before.endBlock : endBlock(before.endBlock) }
}
