import type { Peer } from '../status.ts'
import { fields, integer, type Json, list, text, timeMs } from './shapes.ts'

/** What `/status` says. */
export interface CometPosition {
  readonly height: number
  readonly timeMs: number
  readonly catchingUp: boolean
  readonly version: string
  /** Of this node's validator key, 40 hex digits. */
  readonly address: string
}

/** A commit: who signed a block, in which round, and when by their own clocks. */
export interface CometCommit {
  readonly height: number
  readonly round: number
  /** State after the block before this one, in hex: the header of h names the root of h − 1. */
  readonly appHash: string
  readonly votes: readonly { readonly validator: string; readonly timeMs: number; readonly forBlock: boolean }[]
}

/** The height that is being decided. */
export interface CometRound {
  readonly height: number
  readonly round: number
  /** Of the last two rounds, the larger share of the power whose prevote came in; 0 to 1. */
  readonly heardShare: number | null
  /** Whose prevotes those are: the first 12 digits of their addresses, which is what CometBFT tells. */
  readonly heard: readonly string[]
  /** Height that each peer works on, by its id. */
  readonly peerHeights: ReadonlyMap<string, number>
}

/** @returns `undefined` for what is no answer of CometBFT 0.38 */
export function positionOf(result: unknown): CometPosition | undefined {
  const { node_info, sync_info, validator_info } = fields(result)
  const sync = fields(sync_info)
  const height = integer(sync.latest_block_height)
  const address = text(fields(validator_info).address)
  if (height === undefined || address === undefined) return undefined
  return {
    height,
    timeMs: timeMs(sync.latest_block_time) ?? 0,
    catchingUp: sync.catching_up === true,
    version: text(fields(node_info).version) ?? 'unknown',
    address: address.toLowerCase(),
  }
}

/**
 * Peers, with how many blocks each is behind.
 *
 * @param round - knows on which height a peer works; that of a peer in step is the same as ours
 */
export function peersOf(result: unknown, round: CometRound | undefined): Peer[] {
  return list(fields(result).peers).map((peer) => {
    const { node_info, is_outbound, remote_ip } = fields(peer)
    const info = fields(node_info)
    const id = text(info.id) ?? ''
    const at = round?.peerHeights.get(id)
    return {
      id,
      moniker: text(info.moniker) ?? '',
      address: text(remote_ip) ?? '',
      direction: is_outbound === true ? ('out' as const) : ('in' as const),
      version: text(info.version) ?? 'unknown',
      lag: at === undefined || round === undefined ? null : Math.max(0, round.height - at),
    }
  })
}

export function commitOf(result: unknown): CometCommit | undefined {
  const { header, commit } = fields(fields(result).signed_header)
  const { round, signatures } = fields(commit)
  const height = integer(fields(commit).height)
  if (height === undefined) return undefined
  return {
    height,
    round: integer(round) ?? 0,
    appHash: (text(fields(header).app_hash) ?? '').toLowerCase(),
    votes: list(signatures).flatMap((signature) => voteOf(fields(signature))),
  }
}

/** Flag 1 stands for no vote, 2 for a vote for the block, 3 for one for none. */
function voteOf({ block_id_flag, validator_address, timestamp }: Json): CometCommit['votes'] {
  const validator = text(validator_address)
  const at = timeMs(timestamp)
  if (validator === undefined || at === undefined || block_id_flag === 1) return []
  return [{ validator: validator.toLowerCase(), timeMs: at, forBlock: block_id_flag === 2 }]
}

/** @param result - of `/dump_consensus_state` */
export function roundOf(result: unknown): CometRound | undefined {
  const { round_state, peers } = fields(result)
  const state = fields(round_state)
  const height = integer(state.height)
  const round = integer(state.round)
  if (height === undefined || round === undefined) return undefined
  const recent = list(state.votes)
    .map(fields)
    .filter((votes) => isRecent(votes, round))
  const shares = recent.flatMap(shareIn)
  const heard = [...new Set(recent.flatMap(votersIn))]
  const heardShare = shares.length === 0 ? null : Math.max(...shares)
  return { height, round, heardShare, heard, peerHeights: heightsOf(peers) }
}

/** The round that has just begun has heard nobody yet: the one before counts too. */
function isRecent({ round }: Json, present: number): boolean {
  const number = integer(round) ?? -1
  return number <= present && number >= present - 1
}

/** `BA{4:xx__} 2/4 = 0.50`: who voted, their power, all power. */
function shareIn({ prevotes_bit_array }: Json): number[] {
  const [, power, all] = /\} (\d+)\/(\d+) = /.exec(text(prevotes_bit_array) ?? '') ?? []
  return power === undefined || Number(all) === 0 ? [] : [Number(power) / Number(all)]
}

/** `Vote{0:20176BA7B63C 11/00/…`; `nil-Vote` where there is none. */
function votersIn({ prevotes }: Json): string[] {
  return list(prevotes).flatMap((vote) => /^Vote\{\d+:([0-9A-F]{12}) /.exec(text(vote) ?? '')?.[1]?.toLowerCase() ?? [])
}

function heightsOf(peers: unknown): Map<string, number> {
  const entries = list(peers).flatMap((peer): [string, number][] => {
    const { node_address, peer_state } = fields(peer)
    const at = integer(fields(fields(peer_state).round_state).height)
    const id = text(node_address)?.split('@', 1)[0]
    return id === undefined || at === undefined ? [] : [[id, at]]
  })
  return new Map(entries)
}

/** Whether one of these commits has the signature of a validator; `undefined` where none is known. */
export function hasSigned(commits: readonly Pick<CometCommit, 'votes'>[], address: string): boolean | undefined {
  if (commits.length === 0) return undefined
  return commits.some(({ votes }) => votes.some((vote) => vote.forBlock && vote.validator === address))
}
