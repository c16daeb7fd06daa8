export { isBallot } from './ballots.ts'
export { count } from './count.ts'
export { addBallot, addsUp, countTotals, emptyTotals } from './totals.ts'
export type * from './types.ts'
