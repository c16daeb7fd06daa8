import type { LightRpc } from '@icn/http-api'

export interface StuckOptions {
  /** The RPC of CometBFT. */
  readonly rpc: LightRpc
  /** Power of each who votes. */
  readonly powers: () => readonly number[]
}

/** Where CometBFT stands: `12/0/4` is height 12, round 0, waiting for prevotes. */
type Place = string

/**
 * Steps that end with votes or parts of others alone: `Prevote`, `Precommit`, `Commit`. All others end by themselves.
 *
 * @see consensus/types/round_state.go of CometBFT 0.38
 */
const WAITING_STEPS = ['4', '6', '8']
const LOOK_MS = 5_000
/** A round takes a few seconds. */
const PATIENCE_LOOKS = 6
/** Looks until the next restart helps where the last one did not, doubled each time. */
const FIRST_REST_LOOKS = 12

/**
 * Looks every five seconds whether CometBFT waits for a vote that nobody will send again. Its gossip sends each one once over a
 * connection, and 0.38 drops what arrives between its word that it takes part and the moment it does (`SwitchToConsensus`);
 * among two or three validators no other node hands it on. All stand still then though all are there; with new connections
 * they go on.
 *
 * @see consensus/reactor.go of CometBFT 0.38.25: `updateToState` tells the peers, `waitSync` ends after that
 *
 * @param onStuck - has to start CometBFT again
 * @returns ends the watch
 */
export function watchStuck({ rpc, powers }: StuckOptions, onStuck: (place: Place) => void): () => void {
  let seen: Place | undefined
  let looks = 0
  let rest = 0
  let nextRest = FIRST_REST_LOOKS
  let isLooking = false

  async function look(): Promise<void> {
    const place = await placeOf(rpc)
    const isSame = place !== undefined && place === seen && WAITING_STEPS.includes(place.split('/')[2] ?? '')
    if (heightOf(place) !== heightOf(seen)) nextRest = FIRST_REST_LOOKS
    looks = isSame ? looks + 1 : 0
    seen = place
    if (rest > 0) rest--
    if (place === undefined || looks < PATIENCE_LOOKS || rest > 0 || !(await mayBeQuorum(place))) return
    looks = 0
    rest = nextRest
    nextRest *= 2
    onStuck(place)
  }

  /**
   * Whether those who are connected, and stand at this height or further on, may have more than two thirds of the power with
   * this node. CometBFT names a peer by the key of its connection, which no validator is known by, so each is taken for the
   * strongest that it could be. So a quorum that is connected is never missed. One may be seen that is not there, where the
   * strong validators are away or observers are connected: then CometBFT is started again in vain, after twice as long each
   * time; it keeps what it signed, so nothing worse comes of it.
   */
  async function mayBeQuorum(place: Place): Promise<boolean> {
    const answer = await rpc('dump_consensus_state', {})
    if (!answer.ok) return false
    const { peers = [] } = answer.result as { readonly peers?: readonly Peer[] }
    const heights = peers.map(({ peer_state: state }) => Number(state?.round_state?.height ?? 0))
    const there = heights.filter((height) => height >= Number(heightOf(place)))
    const all = powers().toSorted((a, b) => b - a)
    return 3 * sum(all.slice(0, there.length + 1)) > 2 * sum(all)
  }

  const timer = setInterval(() => {
    // One that is busy with a block does not answer, and is not stuck.
    if (isLooking) return
    isLooking = true
    void look().finally(() => (isLooking = false))
  }, LOOK_MS)
  return () => clearInterval(timer)
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, number) => all + number, 0)
}

interface Peer {
  readonly peer_state?: { readonly round_state?: { readonly height?: string } }
}

async function placeOf(rpc: LightRpc): Promise<Place | undefined> {
  const answer = await rpc('consensus_state', {})
  if (!answer.ok) return undefined
  const { round_state: state } = answer.result as { readonly round_state?: { readonly 'height/round/step'?: string } }
  return state?.['height/round/step']
}

function heightOf(place: Place | undefined): string | undefined {
  return place?.split('/')[0]
}
