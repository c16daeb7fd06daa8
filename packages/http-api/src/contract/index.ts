/**
 * The contract of the HTTP interface: every operation with its schemas. The server validates and documents with it, the SDK
 * takes its types from it; nothing here needs a server.
 */
import type { Static, TSchema } from 'typebox'
import { laneRoutes } from './lanes.ts'
import { monitorRoutes } from './monitor.ts'
import { networkRoutes } from './network.ts'
import { organizationRoutes } from './organizations.ts'
import { proposalRoutes } from './proposals.ts'
import { sessionRoutes } from './sessions.ts'
import { transactionRoutes } from './transactions.ts'
import { validatorRoutes } from './validators.ts'

export const routes = {
  ...networkRoutes,
  ...monitorRoutes,
  ...validatorRoutes,
  ...transactionRoutes,
  ...organizationRoutes,
  ...proposalRoutes,
  ...laneRoutes,
  ...sessionRoutes,
} as const

export type Routes = typeof routes
export type RouteName = keyof Routes
type Part<N extends RouteName, P extends string> = Routes[N] extends { readonly [K in P]: infer S extends TSchema }
  ? Static<S>
  : undefined
export type ParamsOf<N extends RouteName> = Part<N, 'params'>
export type QueryOf<N extends RouteName> = Part<N, 'query'>
export type BodyOf<N extends RouteName> = Part<N, 'body'>
export type AnswerOf<N extends RouteName> = Part<N, 'response'>

export { Problem, type Route } from './shared.ts'
