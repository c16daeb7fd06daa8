import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { EncodingError, fromBase64Url, toBase64Url, verifyDomain } from '@icn/crypto'
import { SIGN_IN_DOMAIN } from '@icn/protocol'
import { nodeProblem } from './problem.ts'

const CHALLENGE_MS = 5 * 60_000
const SESSION_MS = 12 * 3_600_000
/** Challenges answered and sessions ended that are remembered until they would expire anyway. */
const MOST_SPENT = 100_000

/** Signing in with a DID: a text to sign, and a token that says who signed it. Nothing is kept but what was ended. */
export interface Sessions {
  challenge(did: string): { readonly challenge: string; readonly expiresMs: number }
  /** @param publicKey - the key of `did` under the key id given, if it has one */
  signIn(
    did: string,
    challenge: string,
    signature: string,
    publicKey: Uint8Array | undefined,
  ): { readonly token: string; readonly expiresMs: number }
  /** Who a token stands for; `undefined` for no token. @throws RequestProblem for one that is not valid */
  whoIs(authorization: string | undefined): string | undefined
  end(authorization: string | undefined): boolean
}

/** Tokens are bound to this process: a restart ends all sessions. */
export function createSessions(network: string, now: () => number = () => Date.now()): Sessions {
  const secret = randomBytes(32)
  const spent = new Map<string, number>()
  const seal = (text: string) => `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`

  /** The text that was sealed, if it was by this process and is not over. */
  function open(sealed: string, purpose: string): string | undefined {
    const text = sealed.slice(0, sealed.lastIndexOf('.'))
    const expected = Buffer.from(seal(text))
    const given = Buffer.from(sealed)
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
    const [kind, , expires] = text.split(' ')
    return kind === purpose && Number(expires) > now() ? text : undefined
  }

  function spend(sealed: string): boolean {
    if (spent.has(sealed)) return false
    if (spent.size >= MOST_SPENT) for (const [key, untilMs] of spent) if (untilMs < now()) spent.delete(key)
    spent.set(sealed, now() + SESSION_MS)
    return true
  }

  return {
    challenge: (did) => {
      const expiresMs = now() + CHALLENGE_MS
      const nonce = toBase64Url(randomBytes(12))
      return { challenge: seal(`sign-in ${did} ${expiresMs} ${network} ${nonce}`), expiresMs }
    },
    signIn: (did, challenge, signature, publicKey) => {
      const text = open(challenge, 'sign-in')
      if (text?.split(' ')[1] !== did) throw unauthorized('The challenge is not valid any more, or not for this DID.')
      if (publicKey === undefined || !isSigned(publicKey, challenge, signature)) {
        throw unauthorized("The signature is not this DID's over the challenge.")
      }
      if (!spend(challenge)) throw unauthorized('The challenge was answered already.')
      const expiresMs = now() + SESSION_MS
      return {
        token: seal(`session ${did} ${expiresMs} ${toBase64Url(randomBytes(9))}`).replaceAll(' ', '~'),
        expiresMs,
      }
    },
    whoIs: (authorization) => {
      if (authorization === undefined) return undefined
      const token = tokenOf(authorization)
      const text = token === undefined || spent.has(token) ? undefined : open(token.replaceAll('~', ' '), 'session')
      const did = text?.split(' ')[1]
      if (did === undefined) throw unauthorized('The session is over, or its token is not of this node.')
      return did
    },
    end: (authorization) => {
      const token = tokenOf(authorization ?? '')
      return token !== undefined && open(token.replaceAll('~', ' '), 'session') !== undefined && spend(token)
    },
  }
}

export function unauthorized(detail: string): Error {
  const hint =
    'Ask POST /v1/sessions/challenge for a text, sign it with domain icn:sign-in:1, and send it to POST /v1/sessions.'
  return nodeProblem(401, 'SIGN_IN_NEEDED', detail, hint, { 'www-authenticate': 'Bearer' })
}

function tokenOf(authorization: string): string | undefined {
  return /^Bearer ([A-Za-z0-9._~:-]{1,600})$/.exec(authorization)?.[1]
}

function isSigned(publicKey: Uint8Array, challenge: string, signature: string): boolean {
  try {
    return verifyDomain(SIGN_IN_DOMAIN, publicKey, new TextEncoder().encode(challenge), fromBase64Url(signature))
  } catch (error) {
    if (error instanceof EncodingError) return false
    throw error
  }
}
