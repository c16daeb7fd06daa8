import { toHex } from '@icn/crypto'
import { type GenesisOrigin, genesisHash } from '@icn/protocol'
import { countProposals } from '@icn/state-machine/governance'
import { getSigner, getStrangerPool } from '@icn/state-machine/identity'
import { idsOfBlock } from '@icn/state-machine/kernel'
import { countOrganizations, listMembershipsOf } from '@icn/state-machine/membership'
import { networkFacts } from '@icn/state-machine/network'
import type { FastifyInstance } from 'fastify'
import { mayReadOf } from '../access.ts'
import type { HttpContext } from '../context.ts'
import { pageAnswer, pageOf } from '../paging.ts'
import { nodeProblem, notFound, notKept } from '../problem.ts'
import { type ReadInput, serve, serveRead } from '../serve.ts'
import { VERSION } from '../version.ts'
import { time } from '../views/times.ts'

interface BlockRow {
  readonly height: number
  readonly timeMs: number
  readonly hash: Uint8Array
  readonly appHash: Uint8Array
  readonly header: Uint8Array
  readonly txCount: number
}

export function networkRoutes(app: FastifyInstance, context: HttpContext): void {
  const { consensus, genesis } = context

  serveRead(app, context, 'network', ({ sql, at }) => {
    const { kind, validators, mempool } = consensus.status()
    const place = {
      height: at.height,
      time: time(at.timeMs),
      appHash: toHex(at.height === 0 ? context.store.committed().appHash : at.appHash),
    }
    const about = { network: genesis.chainId, name: genesis.name, genesisHash: toHex(genesisHash(genesis)) }
    const { origin } = genesis
    const counts = { ...countOrganizations(sql), proposals: countProposals(sql) }
    return {
      ...about,
      consensus: kind,
      version: VERSION,
      ...place,
      validators: [...validators],
      waiting: mempool,
      ...counts,
      ...(origin === undefined ? {} : { origin: originView(origin) }),
    }
  })

  serveRead(app, context, 'genesis', () => genesis, 'kept')

  serve(app, context, 'lightRpc', async ({ body: { id, method, params = {} } }) => {
    if (context.lightRpc === undefined) throw notReplicated()
    const answer = await context.lightRpc(method, params)
    if (answer.ok) return { jsonrpc: '2.0', id, result: answer.result }
    return { jsonrpc: '2.0', id, error: { code: -32_603, message: answer.error, data: '' } }
  })

  serve(app, context, 'join', () => {
    if (context.joinFile === undefined) throw notReplicated()
    const file = context.joinFile()
    return { ...file, peers: [...file.peers] }
  })

  const blocks = ({ sql, query, height }: ReadInput<'blocks'>) => {
    const { limit, after } = pageOf(query, /^\d{1,15}$/)
    const rows = sql.all<BlockRow>(
      'SELECT * FROM block WHERE height < ? ORDER BY height DESC LIMIT ?',
      Math.min(Number(after ?? Number.MAX_SAFE_INTEGER), height + 1),
      limit,
    )
    return pageAnswer(rows, query, (row) => String(row.height), blockSummary)
  }
  serveRead(app, context, 'blocks', blocks, 'kept')

  const block = ({ sql, params, query, height }: ReadInput<'block'>) => {
    if (params.height > height) throw notFound('block')
    const from = context.store.keptFrom()
    if (params.height < from && params.height > 0) throw notKept(from)
    const row = sql.get<BlockRow>('SELECT * FROM block WHERE height = ?', params.height)
    if (row === undefined) throw notFound('block')
    const rows = sql.all<{ hash: Uint8Array; kind: string; lane: number; signer: string }>(
      'SELECT hash, kind, lane, signer FROM tx WHERE id BETWEEN ? AND ? AND lane = ifnull(?, lane) ORDER BY id',
      ...idsOfBlock(params.height),
      query.lane ?? null,
    )
    const transactions = rows.map(({ hash, kind, lane, signer }) => ({ hash: toHex(hash), kind, lane, signer }))
    return { ...blockSummary(row), header: Buffer.from(row.header).toString('base64url'), transactions }
  }
  serveRead(app, context, 'block', block, 'kept')

  serveRead(app, context, 'signer', ({ sql, params: { did }, at }) => {
    const facts = getSigner(sql, did)
    const { memberAllowance, strangerAllowance } = networkFacts(sql, genesis)
    const memberships = facts?.memberships ?? 0
    const { burst, perHour } = memberships > 0 ? memberAllowance : strangerAllowance
    // Strangers share one.
    const bucket = memberships > 0 ? facts : getStrangerPool(sql)
    const isFull = bucket === undefined || bucket.allowanceTimeMs === 0
    const gained = isFull ? 0 : ((at.timeMs - bucket.allowanceTimeMs) * perHour) / 3_600_000
    const allowanceLeft = isFull ? burst : Math.min(burst, Math.floor(bucket.allowanceMicro / 1_000_000 + gained))
    return {
      did,
      sequence: facts?.sequence ?? 0,
      allowanceLeft,
      allowanceBurst: burst,
      allowancePerHour: perHour,
      memberships,
    }
  })

  serveRead(app, context, 'membershipsOf', ({ sql, params: { did }, query, who }) => {
    const rows = listMembershipsOf(sql, did, pageOf(query))
    const view = ({ org, name, status, roles }: (typeof rows)[number]) => ({ org, name, status, roles: [...roles] })
    const page = pageAnswer(rows, query, ({ org }) => org, view)
    return { ...page, items: page.items.filter(({ org }) => did === who || mayReadOf(sql, org, who)) }
  })
}

function originView({ chainId, genesisHash: hash, height, blockHash, appHash }: GenesisOrigin) {
  return { network: chainId, genesisHash: hash, height, blockHash, appHash }
}

export function notReplicated() {
  const hint = 'A network of several nodes begins with icn network init.'
  return nodeProblem(404, 'NOT_REPLICATED', 'This network runs on one node alone.', hint)
}

function blockSummary({ height, timeMs, hash, appHash, txCount }: BlockRow) {
  return { height, time: time(timeMs), hash: toHex(hash), appHash: toHex(appHash), transactions: txCount }
}
