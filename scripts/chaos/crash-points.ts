/**
 * To be loaded before a node (`node --import`): gives it, in place of `createApplication`, one that kills its process at a
 * named step. The node's own code has no such points: it runs as it is.
 */
import { registerHooks } from 'node:module'

const CRASHING = new URL('crashing-application.ts', import.meta.url).href

registerHooks({
  resolve(specifier, context, next) {
    const isWiring = specifier === '@icn/consensus' && context.parentURL?.endsWith('/apps/node/src/node.ts')
    return isWiring ? { url: CRASHING, shortCircuit: true } : next(specifier, context)
  },
})
