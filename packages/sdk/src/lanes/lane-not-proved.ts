/**
 * Why what a node tells of a lane is not believed:
 * `OTHER_NETWORK` its genesis is not the one that is meant; `NO_TRUST_PATH` it has no blocks that lead from what is trusted
 * to its state; `NOT_SIGNED` the validators did not sign that state; `NOT_PROVED` the log of the lane is not part of it;
 * `EVENTS_ALTERED` the events do not lead to that log; `HISTORY_CHANGED` the log does not go on from what was proved before;
 * `MALFORMED` the answer cannot be read.
 */
export type LaneFault =
  | 'OTHER_NETWORK'
  | 'NO_TRUST_PATH'
  | 'NOT_SIGNED'
  | 'NOT_PROVED'
  | 'EVENTS_ALTERED'
  | 'HISTORY_CHANGED'
  | 'MALFORMED'

/** A node told something of a lane that it does not prove. */
export class LaneNotProved extends Error {
  override readonly name = 'LaneNotProved'
  readonly code: LaneFault

  constructor(code: LaneFault, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
