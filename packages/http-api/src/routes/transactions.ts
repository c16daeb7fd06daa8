import type { Submission } from '@icn/consensus'
import { CanonicalError, decodeCanonical, fromHex, toBase64Url, toHex } from '@icn/crypto'
import {
  checkBody,
  parseTransaction,
  publicKeyFromDid,
  serializeTransaction,
  signedMessage,
  summarize,
  type Transaction,
} from '@icn/protocol'
import { getSigner, identities } from '@icn/state-machine/identity'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { checkReadableTransaction } from '../access.ts'
import type { HttpContext } from '../context.ts'
import { routes } from '../contract/index.ts'
import { busyForMany, nodeProblem, notFound, RequestProblem, refusalProblem, tooManyRequests } from '../problem.ts'
import { batchItemText } from '../receipt.ts'
import { type ReadInput, serve, serveRead } from '../serve.ts'
import { time } from '../views/times.ts'

/** Blocks for which a prepared transaction stays valid. */
const EXPIRY_BLOCKS = 10_000
const MOST_IN_BATCH = 10_000

export function transactionRoutes(app: FastifyInstance, context: HttpContext): void {
  const { consensus, genesis, store, batchRoom } = context
  const entered = new WeakMap<FastifyRequest, () => void>()

  app.addHook('onRequest', async (request, reply) => {
    if (request.routeOptions.url !== routes.submitMany.path || request.method !== routes.submitMany.method) return
    const leave = batchRoom.enter(Number(request.headers['content-length'] ?? 0))
    if (leave === undefined) throw busyForMany()
    entered.set(request, leave)
    reply.raw.once('close', leave)
  })

  serve(app, context, 'submitMany', async ({ query, request, reply }) => {
    const list = batchOf(request.body, context.config.bodyLimitBytes)
    batchRoom.note((request.body as Uint8Array).length, list.length)
    // From here on they count where they wait.
    entered.get(request)?.()
    const wait = query.wait ?? 'committed'
    const waitSeconds = context.rateLimit.take(request.ip, list.length)
    if (waitSeconds > 0) throw tooManyRequests(waitSeconds)
    const submissions = await consensus.submitMany(list, wait)
    for (const submission of submissions) if (!submission.ok) context.metrics.refused(submission)
    if (submissions.length > 0 && submissions.every(isBusy)) throw busyForMany()
    return reply.type('application/json').send(`{"items":[${submissions.map(batchItemText).join(',')}]}`)
  })

  serve(app, context, 'prepare', ({ body }) => {
    const checked = checkBody(body.body)
    if (!checked.ok) throw new RequestProblem(refusalProblem(checked.code, checked.detail))
    const { signer } = body
    const { height } = consensus.status()
    const sequence = body.sequence ?? context.reader.read((sql) => getSigner(sql, signer)?.sequence ?? 0)
    const expiryHeight = body.expiryHeight ?? height + EXPIRY_BLOCKS
    const keyId = body.keyId ?? keyOf(signer)
    const tx: Transaction = { chainId: genesis.chainId, signer, keyId, sequence, expiryHeight, body: checked.body }
    const payload = serializeTransaction(tx)
    const signingBytes = toBase64Url(signedMessage({ payload }))
    return { payload: toBase64Url(payload), signingBytes, summary: summarize(tx), sequence, expiryHeight }
  })

  /** The key of a did:key is its own name; of a did:icn, its first one. */
  function keyOf(did: string): string {
    if (publicKeyFromDid(did) !== undefined) return did.slice('did:key:'.length)
    const keys = store.readRow(identities as never, [did])?.keys as readonly { id: string }[] | undefined
    const [key] = keys ?? []
    if (key === undefined)
      throw nodeProblem(
        422,
        'KEY_UNKNOWN',
        'No key of this signer is known.',
        'Register the DID first, or name its key in keyId.',
      )
    return key.id
  }

  const transaction = ({ sql, params, who, height: until }: ReadInput<'transaction'>) => {
    const record = store.transaction(fromHex(params.hash))
    if (record === undefined && store.keptFrom() > 1) throw notFoundAmong(store.keptFrom())
    if (record === undefined || record.height > until) throw notFound('transaction')
    checkReadableTransaction(sql, record, who)
    const { hash, height, index, kind, lane, signer, code, result, bytes } = record
    const timeMs = sql.get<{ timeMs: number }>('SELECT timeMs FROM block WHERE height = ?', height)?.timeMs ?? 0
    const parsed = parseTransaction(bytes)
    const place = { hash: toHex(hash), height, index, time: time(timeMs) }
    return {
      ...place,
      kind,
      lane,
      signer,
      code,
      result,
      bytes: toBase64Url(bytes),
      summary: parsed.ok ? summarize(parsed.parsed.tx) : [],
    }
  }
  serveRead(app, context, 'transaction', transaction, 'kept')
}

/** It may well be on the ledger, in a block that this node does not keep. */
function notFoundAmong(from: number): RequestProblem {
  const { problem } = notFound('transaction')
  const hint = `This node keeps blocks from height ${from} on: ask one that keeps the whole history.`
  return new RequestProblem({ ...problem, detail: 'There is no such transaction in the blocks that are kept.', hint })
}

/** Refused by the node's own bound. */
function isBusy(submission: Submission): boolean {
  return !submission.ok && submission.code === 0 && submission.unavailable !== true
}

function batchOf(body: unknown, maxBytes: number): Uint8Array[] {
  const expected = 'Send the DAG-CBOR list of the signed bytes of each, as application/octet-stream.'
  if (!(body instanceof Uint8Array)) throw nodeProblem(400, 'BAD_BATCH', 'The body is not bytes.', expected)
  let list: unknown
  try {
    list = decodeCanonical(body, { maxBytes, maxDepth: 2, maxItems: MOST_IN_BATCH + 1 })
  } catch (error) {
    if (!(error instanceof CanonicalError)) throw error
    throw nodeProblem(400, 'BAD_BATCH', `The body is no such list: ${error.message}`, expected)
  }
  if (Array.isArray(list) && list.every((item): item is Uint8Array => item instanceof Uint8Array)) return list
  throw nodeProblem(400, 'BAD_BATCH', 'The body is not a list of byte strings.', expected)
}
