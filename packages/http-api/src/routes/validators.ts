import type { Table } from '@icn/state-machine/kernel'
import {
  findNode,
  findRules,
  findUpgrade,
  findValidator,
  listNodes,
  listValidators,
  networkFacts,
  networkRules,
  nodes,
  upgrades,
  validators,
} from '@icn/state-machine/network'
import type { FastifyInstance } from 'fastify'
import type { HttpContext } from '../context.ts'
import { pageAnswer, pageOf } from '../paging.ts'
import { notFound } from '../problem.ts'
import { serveRead } from '../serve.ts'
import { proofView } from '../views/proofs.ts'
import { nodeView, validatorView } from '../views/validators.ts'

/** Nodes, validators and the planned upgrade: what everybody may know of who runs the network. */
export function validatorRoutes(app: FastifyInstance, context: HttpContext): void {
  const { genesis, machine, store } = context

  serveRead(app, context, 'nodes', ({ sql, query, at }) => {
    const { org, publicKey } = query ?? {}
    const filter = { ...(org !== undefined && { org }), ...(publicKey !== undefined && { publicKey }) }
    const rows = listNodes(sql, { ...pageOf(query), ...filter })
    return pageAnswer(
      rows,
      query,
      ({ id }) => id,
      (facts) => nodeView(facts, at.timeMs),
    )
  })

  serveRead(app, context, 'node', ({ sql, prove, params: { id }, query, at }) => {
    const facts = findNode(sql, id)
    if (facts === undefined) throw notFound('node')
    const view = nodeView(facts, at.timeMs)
    return query.proof === '1' ? { ...view, proof: proofView(prove(nodes as unknown as Table, [id])) } : view
  })

  serveRead(app, context, 'validators', ({ sql, at }) => {
    const items = listValidators(sql, genesis, at.height).map(validatorView)
    const power = items.reduce((sum, own) => sum + own.power, 0)
    return { items, power, ...networkFacts(sql, genesis) }
  })

  serveRead(app, context, 'validator', ({ sql, prove, params: { address }, query, at }) => {
    const facts = findValidator(sql, genesis, at.height, address)
    if (facts === undefined) throw notFound('validator')
    const view = validatorView(facts)
    return query.proof === '1' && hasRows()
      ? { ...view, proof: proofView(prove(validators as unknown as Table, [address])) }
      : view
  })

  serveRead(app, context, 'upgrade', ({ sql, prove, query, at }) => {
    const upgrade = findUpgrade(sql)
    const planned = upgrade === undefined ? null : { ...upgrade }
    const isReady = machine.version >= (upgrade?.version ?? 0)
    const inForce = findRules(sql, at.height + 1)
    const view = { version: machine.version, inForce, planned, isReady }
    return query.proof === '1' && hasRows()
      ? { ...view, proof: proofView(prove(upgrades as unknown as Table, ['all'])) }
      : view
  })

  /** Without these rows nobody can ever decide on the network, and there is nothing to prove. */
  function hasRows(): boolean {
    return store.readRow(networkRules as unknown as Table, ['all']) !== undefined
  }
}
