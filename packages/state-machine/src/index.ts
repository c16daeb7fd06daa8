export type { Moment } from './envelope.ts'
export { createMachine, endOfBlock, type Machine } from './machine.ts'
