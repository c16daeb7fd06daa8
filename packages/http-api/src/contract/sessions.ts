import { Type } from 'typebox'
import { Base64Url, Count, Did, Height, object, type Route, Time } from './shared.ts'

export const sessionRoutes = {
  challenge: {
    method: 'POST',
    path: '/v1/sessions/challenge',
    tag: 'sessions',
    summary: 'A text to sign (domain `icn:sign-in:1`) in order to sign in',
    body: object({ did: Did }),
    response: object({ challenge: Type.String(), expires: Time }, 'Challenge'),
  },
  signIn: {
    method: 'POST',
    path: '/v1/sessions',
    tag: 'sessions',
    summary: 'Signs in with a signed challenge; the token goes into `Authorization: Bearer`',
    body: object({
      did: Did,
      keyId: Type.String({ maxLength: 64 }),
      challenge: Type.String({ maxLength: 400 }),
      signature: Base64Url,
    }),
    response: object({ token: Type.String(), did: Did, expires: Time }, 'Session'),
  },
  signOut: {
    method: 'DELETE',
    path: '/v1/sessions',
    tag: 'sessions',
    summary: 'Ends the session of the token',
    response: object({ ended: Type.Boolean() }),
  },
  advanceClock: {
    method: 'POST',
    path: '/v1/dev/clock',
    tag: 'development',
    summary: 'Advances block time; only on a node started with `--dev-clock`',
    body: object({ advanceMs: Count }),
    response: object({ height: Height, time: Time }),
  },
} as const satisfies Record<string, Route>
