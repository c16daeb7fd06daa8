import { parseDid } from '@icn/protocol'
import { type DidResolution, resolveDid } from '@icn/state-machine/identity'
import type { FastifyInstance } from 'fastify'
import type { HttpContext } from '../context.ts'
import { answerRead, heightOf, serve } from '../serve.ts'
import { time } from '../views/times.ts'

const RESULT = 'application/did-resolution'
const DOCUMENT = 'application/did'

/** What W3C DID Resolution says can go wrong, with the status of its HTTP binding. */
const FAILURES = {
  INVALID_DID: [400, 'This is no DID, or its key is none.'],
  INVALID_OPTIONS: [400, 'Ask for one of versionId, versionTime and height, not for several.'],
  NOT_FOUND: [404, 'This network knows no such DID, or did not at that time.'],
  REPRESENTATION_NOT_SUPPORTED: [406, `Accept ${RESULT}, or ${DOCUMENT} for the document alone.`],
  METHOD_NOT_SUPPORTED: [501, 'This node resolves did:icn and did:key.'],
} as const

type Failure = keyof typeof FAILURES

interface Options {
  readonly versionId?: string
  readonly versionTime?: string
  readonly height?: number
}

/**
 * `GET /1.0/identifiers/{did}`, as any DID resolver answers it.
 *
 * @see https://www.w3.org/TR/did-resolution/#bindings-https
 */
export function identifierRoutes(app: FastifyInstance, context: HttpContext): void {
  serve(app, context, 'resolve', ({ params: { did }, query, request, reply }) =>
    context.reader.read((sql, at) => {
      const height = heightOf(query, at, 'kept')
      const wanted = representation(request.headers.accept)
      const failure = wanted === undefined ? 'REPRESENTATION_NOT_SUPPORTED' : refusal(did, query)
      const found = failure === undefined ? resolveDid(sql, did, optionsOf(query)) : undefined
      if (found?.document === undefined) {
        const [status, title] = FAILURES[failure ?? 'NOT_FOUND']
        return answerRead(request, reply.code(status), failureText(failure ?? 'NOT_FOUND', title), height, RESULT)
      }
      void reply.code(found.deactivated ? 410 : 200)
      if (wanted === DOCUMENT) return answerRead(request, reply, JSON.stringify(found.document), height, DOCUMENT)
      return answerRead(request, reply, resultText(found), height, RESULT)
    }),
  )
}

/** The result with its metadata, unless the document alone is asked for. */
function representation(accept = '*/*'): typeof RESULT | typeof DOCUMENT | undefined {
  const types = accept.split(',').map((part) => part.split(';')[0]?.trim().toLowerCase())
  if (types.some((type) => type === RESULT || type === '*/*' || type === 'application/*')) return RESULT
  if (types.some((type) => type === DOCUMENT || type === `${DOCUMENT}+json` || type === `${DOCUMENT}+ld+json`))
    return DOCUMENT
  return types.some((type) => type === 'application/json' || type === 'application/ld+json') ? RESULT : undefined
}

function refusal(did: string, query: Options): Failure | undefined {
  if (Object.keys(query).length > 1) return 'INVALID_OPTIONS'
  if (query.versionTime !== undefined && Number.isNaN(Date.parse(query.versionTime))) return 'INVALID_OPTIONS'
  if (parseDid(did) !== undefined) return undefined
  return /^did:(?!icn:|key:)[a-z0-9]+:[A-Za-z0-9._:%-]+$/.test(did) ? 'METHOD_NOT_SUPPORTED' : 'INVALID_DID'
}

function optionsOf({ versionId, versionTime, height }: Options) {
  if (versionId !== undefined) return { versionId }
  if (versionTime !== undefined) return { timeMs: Date.parse(versionTime) }
  return height === undefined ? {} : { height }
}

function resultText({ document, createdMs, updatedMs, versionId, deactivated }: DidResolution): string {
  return JSON.stringify({
    didDocument: document,
    didDocumentMetadata: {
      ...(createdMs === undefined ? {} : { created: time(createdMs) }),
      ...(updatedMs === undefined ? {} : { updated: time(updatedMs) }),
      ...(versionId === undefined ? {} : { versionId }),
      ...(deactivated ? { deactivated } : {}),
    },
    didResolutionMetadata: { contentType: DOCUMENT },
  })
}

function failureText(failure: Failure, title: string): string {
  const error = { type: `https://www.w3.org/ns/did#${failure}`, title }
  return JSON.stringify({ didDocument: null, didDocumentMetadata: {}, didResolutionMetadata: { error } })
}
