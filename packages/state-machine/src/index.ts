export type { Moment } from './envelope.ts'
export { createMachine, endOfBlock, type Machine, type MachineOptions, RULES_VERSION } from './machine.ts'
