import type { FastifyInstance } from 'fastify'
import { routes } from './contract/index.ts'

/** The methods that an address takes, so that another one is answered with 405 and not as if nothing were there. */
export function watchMethods(app: FastifyInstance): (path: string) => string[] {
  // Submissions go around the framework, which knows nothing of them.
  const known: (readonly [pattern: RegExp, method: string])[] = [[patternOf(routes.submit.path), routes.submit.method]]
  app.addHook('onRoute', ({ url, method }) => {
    for (const own of [method].flat()) known.push([patternOf(url), own])
  })
  return (path) => known.filter(([pattern]) => pattern.test(path)).map(([, method]) => method)
}

function patternOf(url: string): RegExp {
  return new RegExp(`^${url.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`)
}
