import { type AuditBundle, type BundleFacts, type BundleProof, encodeBundle } from '@icn/protocol'
import {
  ballotBoxes,
  bundleParts,
  findVote,
  isWholeHistory,
  listComments,
  listProposals,
  listVotes,
  proposals,
  votes,
} from '@icn/state-machine/governance'
import { assert, type Committed, type SqlReader, type StateProof, type Table } from '@icn/state-machine/kernel'
import type { FastifyInstance } from 'fastify'
import { mayReadProposal, readableOrganization, readableProposal } from '../access.ts'
import type { HttpContext } from '../context.ts'
import { pageAnswer, pageOf } from '../paging.ts'
import { nodeProblem, notFound, notKept } from '../problem.ts'
import { type Prove, readProved } from '../read-proved.ts'
import { heightOf, serve, serveRead } from '../serve.ts'
import { proofView } from '../views/proofs.ts'
import { proposalSummary, proposalView } from '../views/proposals.ts'
import { time } from '../views/times.ts'

/** Where these lists go on: a height or a time, and an id. */
const HEIGHT_AND_ID = /^\d{1,15} \S+$/

export function proposalRoutes(app: FastifyInstance, context: HttpContext): void {
  const { prover, store, genesis } = context

  serveRead(app, context, 'proposals', ({ sql, query, who }) => {
    const { org, status } = query
    if (org !== undefined) readableOrganization(sql, org, who)
    const filter = { ...(org === undefined ? {} : { org }), ...(status === undefined ? {} : { status }) }
    const rows = listProposals(sql, { ...pageOf(query, HEIGHT_AND_ID), ...filter })
    const page = pageAnswer(
      rows,
      query,
      ({ createdHeight, id }) => `${createdHeight} ${id}`,
      (facts) => facts,
    )
    return { ...page, items: page.items.filter((facts) => mayReadProposal(sql, facts, who)).map(proposalSummary) }
  })

  serveRead(app, context, 'proposal', ({ sql, prove, params: { id }, query, who }) => {
    const view = proposalView(sql, readableProposal(sql, id, who))
    return query.proof === '1' ? { ...view, proof: proofView(prove(proposals as unknown as Table, [id])) } : view
  })

  serveRead(app, context, 'comments', ({ sql, params: { id }, query, who }) => {
    readableProposal(sql, id, who)
    const rows = listComments(sql, id, pageOf(query, HEIGHT_AND_ID))
    const keyOf = ({ timeMs, id: comment }: (typeof rows)[number]) => `${timeMs} ${comment}`
    return pageAnswer(rows, query, keyOf, ({ timeMs, ...comment }) => ({ ...comment, time: time(timeMs) }))
  })

  serveRead(app, context, 'votes', ({ sql, params: { id }, query, who }) => {
    readableProposal(sql, id, who)
    return pageAnswer(
      listVotes(sql, id, pageOf(query)),
      query,
      ({ voter }) => voter,
      (vote) => vote,
    )
  })

  serveRead(app, context, 'vote', ({ sql, prove, params: { id, did }, query, who }) => {
    readableProposal(sql, id, who)
    const vote = findVote(sql, id, did)
    if (vote === undefined) throw notFound('vote')
    return query.proof === '1' ? { ...vote, proof: proofView(prove(votes as unknown as Table, [id, did])) } : vote
  })

  serve(app, context, 'bundle', async ({ params: { id }, query, who, reply }) => {
    const { facts, at } = readProved(context, (sql, at, prove) => {
      heightOf(query, at, 'present')
      const { status, result } = readableProposal(sql, id, who)
      if (result === null) {
        throw nodeProblem(
          409,
          'NOT_COUNTED',
          `The proposal is in the phase ${status}.`,
          'A bundle can be had when voting has closed.',
        )
      }
      return { facts: factsOf(sql, prove, id), at }
    })
    const bytes = encodeBundle(await finalized(facts, at))
    void reply.header('icn-height', at.height).header('content-disposition', `attachment; filename="${id}.icn"`)
    return reply.type('application/vnd.ipld.dag-cbor').send(Buffer.from(bytes))
  })

  function factsOf(sql: SqlReader, prove: Prove, id: string): BundleFacts {
    const parts = bundleParts(sql, id)
    const keptFrom = store.keptFrom()
    assert(parts !== undefined, 'a proposal that was read is there')
    // Votes of before a snapshot are counted and kept as rows; what their voters signed is not.
    if (!isWholeHistory(sql, parts, keptFrom)) throw notKept(keptFrom)
    const { proposal, rollEntries, votes: cast, identities } = parts
    return {
      chainId: genesis.chainId,
      proposal: proposal as unknown as Record<string, unknown>,
      rollEntries,
      votes: cast,
      identities,
      result: proposal.result,
      proofs: {
        proposal: proofOf(prove(proposals as unknown as Table, [id])),
        ballotBox: proofOf(prove(ballotBoxes as unknown as Table, [id])),
      },
      genesis,
    }
  }

  /** With what proves the state at a height: the header that the node signed, or the commits of the validators. */
  async function finalized(facts: BundleFacts, at: Committed): Promise<AuditBundle> {
    if (prover !== undefined) {
      return { format: 'icn-audit-bundle/2', ...facts, lightBlocks: await prover.blocksTo(at) }
    }
    const block = store.block(at.height)
    // A node that began with a snapshot has no header until its next block.
    if (block === undefined) throw notKept(store.keptFrom())
    return { format: 'icn-audit-bundle/1', ...facts, header: block.header }
  }
}

function proofOf({ table, key, module, row, moduleRoot }: StateProof): BundleProof {
  assert(row !== undefined, `${table} ${key[0]} is there`)
  return { table, key, module, row, moduleRoot }
}
