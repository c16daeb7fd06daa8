import type { FastifyInstance } from 'fastify'
import type { HttpContext } from '../context.ts'
import { isOperator } from '../operator.ts'

export function healthRoutes(app: FastifyInstance, { config, consensus, metrics }: HttpContext): void {
  let isHalted = false
  consensus.halted.catch(() => {
    isHalted = true
  })
  app.get('/healthz', (_request, reply) => reply.type('application/json').send('{"status":"up"}'))
  app.get('/readyz', (_request, reply) => {
    const { height, timeMs } = consensus.status()
    const status = isHalted ? 'halted' : 'serving'
    return reply
      .code(isHalted ? 503 : 200)
      .type('application/json')
      .send(JSON.stringify({ status, height, time: new Date(timeMs).toISOString() }))
  })
  app.get('/metrics', async (request, reply) => {
    const { contentType, text } = await metrics.render(isOperator(config, request.raw))
    return reply.type(contentType).send(text)
  })
}
