export * from './arbitraries.ts'
export { createRandom, type Random } from './random.ts'
export {
  createSimulator,
  SIMULATED_START_MS,
  type SimulatedOutcome,
  type Simulator,
} from './simulator.ts'
