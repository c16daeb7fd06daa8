import { signingKey } from '@icn/state-machine/identity'
import { createOverlay } from '@icn/state-machine/kernel'
import type { FastifyInstance } from 'fastify'
import type { HttpContext } from '../context.ts'
import { serve } from '../serve.ts'
import { time } from '../views/times.ts'

export function sessionRoutes(app: FastifyInstance, context: HttpContext): void {
  const { sessions, store, devClock } = context

  serve(app, context, 'challenge', ({ body: { did } }) => {
    const { challenge, expiresMs } = sessions.challenge(did)
    return { challenge, expires: time(expiresMs) }
  })

  serve(app, context, 'signIn', ({ body: { did, keyId, challenge, signature } }) => {
    const publicKey = signingKey(createOverlay(store), did, keyId)
    const { token, expiresMs } = sessions.signIn(did, challenge, signature, publicKey)
    return { token, did, expires: time(expiresMs) }
  })

  serve(app, context, 'signOut', ({ request }) => ({ ended: sessions.end(request.headers.authorization) }))

  if (devClock === undefined) return
  serve(app, context, 'advanceClock', async ({ body: { advanceMs } }) => {
    const { height, timeMs } = await devClock.advance(advanceMs)
    return { height, time: time(timeMs) }
  })
}
