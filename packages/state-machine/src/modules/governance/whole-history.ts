import type { SqlReader } from '../../kernel/index.ts'
import type { BundleParts } from './queries.ts'

/**
 * Whether the blocks that a node keeps hold everything that a bundle is made of: the signed bytes of every vote, and every
 * change of the voters' keys. A node that began with a snapshot, or forgets old blocks, lacks those of before.
 *
 * @param keptFrom - the lowest height whose block is kept
 */
export function isWholeHistory(sql: SqlReader, { proposal, votes }: BundleParts, keptFrom: number): boolean {
  const cast = sql.get<{ count: number }>(
    "SELECT coalesce(max(log ->> 'size'), 0) AS count FROM ballot_box WHERE proposal = ?",
    proposal.id,
  )
  const oldest = sql.get<{ height: number | null }>(
    'SELECT min(height) AS height FROM identity_version WHERE did IN (SELECT voter FROM vote WHERE proposal = ?)',
    proposal.id,
  )
  return votes.length === cast?.count && (oldest?.height ?? keptFrom) >= keptFrom
}
