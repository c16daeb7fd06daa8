import { toHex } from '@icn/crypto'
import { listProposals } from '@icn/state-machine/governance'
import { findOrganization, listOrganizations } from '@icn/state-machine/membership'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { HttpContext } from '../context.ts'
import { type Route, routes } from '../contract/index.ts'
import { escapeHtml, htmlPage, PAGE_POLICY } from '../html.ts'
import { openApiDocument } from '../openapi.ts'
import { proposalSummary } from '../views/proposals.ts'

/** Until the console comes: one page that shows where the network stands, and readable docs of the interface. */
export function pageRoutes(app: FastifyInstance, context: HttpContext): void {
  app.get('/', (_request, reply) => sendPage(reply, frontPage(context)))
  app.get('/docs', (_request, reply) => sendPage(reply, docsPage()))
  app.get('/openapi.json', (_request, reply) => reply.type('application/json').send(JSON.stringify(openApiDocument())))
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('content-security-policy', PAGE_POLICY).send(html)
}

function frontPage({ reader, genesis, consensus }: HttpContext): string {
  return reader.read((sql, at) => {
    const organizations = listOrganizations(sql, { limit: 50 })
    const isPublic = (org: string) => findOrganization(sql, org)?.charter.readAccess === 'public'
    const decisions = listProposals(sql, { limit: 50 })
      .filter(({ org }) => isPublic(org))
      .map(proposalSummary)
    const nameOf = (org: string) => organizations.find(({ did }) => did === org)?.name ?? org
    const facts = [
      ['Network', genesis.chainId],
      ['Height', String(at.height)],
      ['Block time', new Date(at.timeMs).toISOString()],
      ['State root', toHex(at.appHash)],
      ['Waiting', String(consensus.status().mempool)],
    ]
    return htmlPage(
      genesis.name,
      `<h1>${escapeHtml(genesis.name)}</h1><dl>${facts.map(([name = '', value = '']) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`).join('')}</dl>
<h2>Organizations</h2>${table(
        ['Name', 'Members', 'Decentralized identifier'],
        organizations.map(({ name, members, did }) => [name, String(members), did]),
        'None yet. Found one: icn org found "Harbour Bakery" --as ana',
      )}
<h2>Decisions</h2>${table(
        ['Title', 'Organization', 'Status', 'Turnout', 'Won'],
        decisions.map(({ title, org, status, turnout, roll, winners }) => [
          title,
          nameOf(org),
          status.replace('_', ' '),
          roll === null ? '' : `${turnout} of ${roll}`,
          winners.join(', '),
        ]),
        'None yet.',
      )}
<p><a href="/docs">How programs talk to this node</a></p>`,
    )
  })
}

function table(heads: readonly string[], rows: readonly (readonly string[])[], none: string): string {
  if (rows.length === 0) return `<p>${escapeHtml(none)}</p>`
  const cells = (tag: string, texts: readonly string[]) =>
    texts.map((text) => `<${tag}>${escapeHtml(text)}</${tag}>`).join('')
  const body = rows.map((row) => `<tr>${cells('td', row)}</tr>`).join('')
  return `<div class="scroll"><table><thead><tr>${cells('th', heads)}</tr></thead><tbody>${body}</tbody></table></div>`
}

function docsPage(): string {
  const byTag = Map.groupBy(Object.entries(routes) as [string, Route][], ([, { tag }]) => tag)
  const sections = Array.from(
    byTag,
    ([tag, operations]) => `<h2>${escapeHtml(tag)}</h2>${operations.map(operationHtml).join('')}`,
  )
  return htmlPage(
    'Interface of this node',
    `<h1>Interface of this node</h1><p>For programs: <a href="/openapi.json">openapi.json</a>. Live events: <code>GET /v1/events</code>.
Health: <code>/healthz</code>, <code>/readyz</code>, <code>/metrics</code>.</p>${sections.join('')}`,
  )
}

function operationHtml([, { method, path, summary, params, query, body, response }]: [string, Route]): string {
  const part = (name: string, schema: unknown) =>
    schema === undefined ? '' : `<p>${name}</p><pre>${escapeHtml(JSON.stringify(schema, null, 2))}</pre>`
  const parts = part('Path', params) + part('Query', query) + part('Body', body) + part('Answer', response)
  return `<details><summary><code>${method} ${escapeHtml(path)}</code> ${escapeHtml(summary)}</summary>${parts}</details>`
}
