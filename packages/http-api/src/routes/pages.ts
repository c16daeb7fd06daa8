import type { FastifyInstance, FastifyReply } from 'fastify'
import type { HttpContext } from '../context.ts'
import { PAGE_POLICY } from '../html.ts'
import { openApiDocument } from '../openapi.ts'
import { docsPage } from '../views/docs-page.ts'
import { frontPage } from '../views/front-page.ts'

/** Until the console comes: one page that shows where the network stands, and readable docs of the interface. */
export function pageRoutes(app: FastifyInstance, context: HttpContext): void {
  app.get('/', (_request, reply) => sendPage(reply, frontPage(context)))
  app.get('/docs', (_request, reply) => sendPage(reply, docsPage()))
  app.get('/openapi.json', (_request, reply) => reply.type('application/json').send(JSON.stringify(openApiDocument())))
}

function sendPage(reply: FastifyReply, html: string): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('content-security-policy', PAGE_POLICY).send(html)
}
