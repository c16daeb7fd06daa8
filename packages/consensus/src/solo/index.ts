export { type Clock, createDevClock, type DevClock, systemClock, systemTimer, type Timer } from './clock.ts'
export { createSolo, type Solo, type SoloOptions } from './solo.ts'
export { WrongValidators } from './wrong-validators.ts'
