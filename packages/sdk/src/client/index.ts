export { type Actor, type ActorKey, type ActorOptions, createActor } from './actor.ts'
export {
  type BatchReceipt,
  type Client,
  type ClientOptions,
  createClient,
  type Receipt,
  type RequestOf,
} from './client.ts'
export { ApiError, DishonestNode, Unreachable } from './errors.ts'
export type { NodeEvent } from './events.ts'
