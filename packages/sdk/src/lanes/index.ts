export { type FollowLaneOptions, followLane, type LaneBlock, type LanePosition } from './follow-lane.ts'
export { type LaneFault, LaneNotProved } from './lane-not-proved.ts'
export type { LaneNews } from './lane-page.ts'
