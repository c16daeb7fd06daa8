import { decodeLightBlock } from './decode.ts'
import type { NotTrusted } from './failure.ts'
import type { LightBlock } from './light-block.ts'
import { checkTrust, type Trusted, type TrustRule, trustedBlock } from './trust.ts'
import { ARCHIVE_RULE, verifyStep } from './verify.ts'

/** Answers `tendermint.types.LightBlock` bytes of a height; `undefined` where it has none. */
export type LightBlockSource = (height: number) => Promise<Uint8Array | undefined>

export type TrustPath =
  | { readonly ok: true; readonly blocks: readonly LightBlock[] }
  /** The source has no block of this height, which the path needs; or it answered another one. */
  | { readonly ok: false; readonly failure: 'NO_LIGHT_BLOCK'; readonly height: number }
  | (NotTrusted & { readonly height: number })

/**
 * Finds few blocks that lead from what is trusted to the block `to`, which is the last of them: that one alone where
 * the validators hardly changed, more by bisection where they did. Asks for about 2 · log2(distance) blocks a change.
 *
 * @throws MalformedLightBlock, and what `source` throws
 */
export async function trustPath(
  source: LightBlockSource,
  from: Trusted,
  to: number,
  rule: TrustRule = ARCHIVE_RULE,
): Promise<TrustPath> {
  const blocks: LightBlock[] = []
  // From the goal down to the nearest pivot; what was fetched and not reached yet.
  const ahead: LightBlock[] = []
  let trusted = from
  let next = to
  for (;;) {
    const bytes = await source(next)
    const block = bytes === undefined ? undefined : decodeLightBlock(bytes)
    if (block?.header.height !== next) return { ok: false, failure: 'NO_LIGHT_BLOCK', height: next }
    ahead.push(block)
    // The furthest one that can be reached, then again from there: fewer blocks than going to the nearest.
    for (let at = 0; at < ahead.length; at++) {
      const candidate = ahead[at] as LightBlock
      const verified = verifyStep(trusted, candidate, rule)
      if (!verified.ok && verified.failure !== 'TRUST_TOO_LOW') return { ...verified, height: candidate.header.height }
      if (!verified.ok) continue
      blocks.push(candidate)
      if (at === 0) return { ok: true, blocks: shortenPath(from, blocks, rule) }
      trusted = verified.trusted
      ahead.length = at
      at = -1
    }
    const nearest = (ahead.at(-1) as LightBlock).header.height
    next = trusted.height + Math.floor((nearest - trusted.height) / 2)
  }
}

export interface ExtendOptions {
  /** Heights by which the source says that it can be reached, ascending: one that does not have every block names those that it has. */
  readonly pivots?: readonly number[]
  /** `ARCHIVE_RULE` where nothing is said. */
  readonly rule?: TrustRule
}

/**
 * Goes on from the end of a verified path to the block `to`: by way of the pivots, if there are any, and by bisection between
 * them. What the pivots say is believed of nothing: each block is verified, and the path is no longer for one that nobody needs.
 *
 * @param known - leads from `start` on; blocks from `to` on are left out
 * @returns the whole path from `start`
 * @throws MalformedLightBlock, and what `source` throws
 */
export async function extendPath(
  source: LightBlockSource,
  start: Trusted,
  known: readonly LightBlock[],
  to: number,
  { pivots = [], rule = ARCHIVE_RULE }: ExtendOptions = {},
): Promise<TrustPath> {
  const blocks = known.filter(({ header }) => header.height < to)
  for (const height of [...pivots.filter((pivot) => pivot < to), to]) {
    const last = blocks.at(-1)
    const from = last === undefined ? start : trustedBlock(last)
    if (height <= from.height && height !== to) continue
    const part = await trustPath(source, from, height, rule)
    if (!part.ok) return part
    blocks.push(...part.blocks)
  }
  return { ok: true, blocks: shortenPath(start, blocks, rule) }
}

/**
 * A verified path without the blocks that nothing needs, such as those that halving the distance came by: always on to the
 * furthest that can be reached. No signature is looked at again.
 */
export function shortenPath(
  from: Trusted,
  blocks: readonly LightBlock[],
  rule: TrustRule = ARCHIVE_RULE,
): LightBlock[] {
  const path: LightBlock[] = []
  let trusted = from
  for (let at = 0; at < blocks.length; ) {
    at = blocks.findLastIndex((block, index) => index === at || (index > at && reaches(trusted, block, rule)))
    const block = blocks[at] as LightBlock
    path.push(block)
    trusted = trustedBlock(block)
    at++
  }
  return path
}

function reaches(trusted: Trusted, block: LightBlock, rule: TrustRule): boolean {
  return checkTrust(trusted, block, rule) === undefined
}
