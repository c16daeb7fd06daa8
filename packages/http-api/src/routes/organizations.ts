import { countDecisions, listBylaws, listResolutions } from '@icn/state-machine/governance'
import type { Table } from '@icn/state-machine/kernel'
import {
  findInvitation,
  findMember,
  listApplications,
  listInvitations,
  listMembers,
  listOrganizations,
  members,
  organizations,
} from '@icn/state-machine/membership'
import type { FastifyInstance } from 'fastify'
import { readableOrganization } from '../access.ts'
import type { HttpContext } from '../context.ts'
import { pageAnswer, pageOf } from '../paging.ts'
import { notFound } from '../problem.ts'
import { serveRead } from '../serve.ts'
import { applicationView, invitationView, memberView, organizationView } from '../views/organizations.ts'
import { proofView } from '../views/proofs.ts'
import { time } from '../views/times.ts'

export function organizationRoutes(app: FastifyInstance, context: HttpContext): void {
  serveRead(app, context, 'organizations', ({ sql, query }) =>
    pageAnswer(listOrganizations(sql, pageOf(query)), query, ({ did }) => did, organizationView),
  )

  serveRead(app, context, 'organization', ({ sql, prove, params: { org }, query, who }) => {
    const view = organizationView(readableOrganization(sql, org, who))
    return query.proof === '1' ? { ...view, proof: proofView(prove(organizations as unknown as Table, [org])) } : view
  })

  serveRead(app, context, 'charter', ({ sql, params: { org }, who }) => {
    const { charter, charterVersion } = readableOrganization(sql, org, who)
    return { version: charterVersion, charter }
  })

  serveRead(app, context, 'members', ({ sql, params: { org }, query, who }) => {
    readableOrganization(sql, org, who)
    return pageAnswer(listMembers(sql, org, pageOf(query)), query, ({ did }) => did, memberView)
  })

  serveRead(app, context, 'member', ({ sql, prove, params: { org, did }, query, who }) => {
    readableOrganization(sql, org, who)
    const facts = findMember(sql, org, did)
    if (facts === undefined) throw notFound('member')
    const view = memberView(facts)
    return query.proof === '1' ? { ...view, proof: proofView(prove(members as unknown as Table, [org, did])) } : view
  })

  serveRead(app, context, 'applications', ({ sql, params: { org }, query, who }) => {
    readableOrganization(sql, org, who)
    return pageAnswer(listApplications(sql, org, pageOf(query)), query, ({ did }) => did, applicationView)
  })

  serveRead(app, context, 'invitations', ({ sql, params: { org }, query, who }) => {
    readableOrganization(sql, org, who)
    return pageAnswer(listInvitations(sql, org, pageOf(query)), query, ({ id }) => id, invitationView)
  })

  // Whoever was handed an invitation must be able to look at it before joining.
  serveRead(app, context, 'invitation', ({ sql, params: { id } }) => {
    const facts = findInvitation(sql, id)
    if (facts === undefined) throw notFound('invitation')
    return invitationView(facts)
  })

  serveRead(app, context, 'bylaws', ({ sql, params: { org }, query, who }) => {
    readableOrganization(sql, org, who)
    const rows = listBylaws(sql, org, pageOf(query))
    return pageAnswer(
      rows,
      query,
      ({ bylaw }) => bylaw,
      ({ timeMs, ...bylaw }) => ({ ...bylaw, time: time(timeMs) }),
    )
  })

  serveRead(app, context, 'resolutions', ({ sql, params: { org }, query, who }) => {
    readableOrganization(sql, org, who)
    const rows = listResolutions(sql, org, pageOf(query, /^\S+ \d{1,3}$/))
    const keyOf = ({ proposal, index }: (typeof rows)[number]) => `${proposal} ${index}`
    return pageAnswer(rows, query, keyOf, ({ timeMs, ...resolution }) => ({ ...resolution, time: time(timeMs) }))
  })

  serveRead(app, context, 'decisionMetrics', ({ sql, params: { org }, who }) => {
    readableOrganization(sql, org, who)
    const { participation, ...counts } = countDecisions(sql, org)
    return { ...counts, averageParticipation: participation === null ? null : (participation / 10_000).toFixed(4) }
  })
}
