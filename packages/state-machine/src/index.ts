export type { Moment } from './envelope.ts'
export { createMachine, endOfBlock, type Machine, type MachineOptions } from './machine.ts'
export { REVISIONS, type Revision } from './revisions.ts'
