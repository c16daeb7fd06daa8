import { Problem, type Route, routes } from './contract/index.ts'
import { monitorRoutes } from './contract/monitor.ts'
import { VERSION } from './version.ts'

const BYTES = { type: 'string', format: 'binary' }
const REFUSED = { description: 'Refused', content: { 'application/problem+json': { schema: Problem } } }
const TAG = { 'ICN-Height': { description: 'Height of the answer', schema: { type: 'integer' } } }
/** What is not JSON, by operation. */
const TYPES: Readonly<Record<string, string>> = {
  bundle: 'application/vnd.ipld.dag-cbor',
  resolve: 'application/did-resolution',
}

/** What is of the moment, or waits for something, has no entity tag. */
const OF_THE_MOMENT: readonly string[] = [...Object.keys(monitorRoutes), 'bundle', 'lightBlock', 'trustPath']

/** The contract as OpenAPI 3.1, from the very schemas that check requests. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const [operationId, route] of Object.entries(routes) as [string, Route][]) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(operationId, route) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'InterCooperative Network node',
      version: VERSION,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{}, { session: [] }],
    paths: { ...paths, ...otherPaths() },
    components: { securitySchemes: { session: { type: 'http', scheme: 'bearer' } } },
  }
}

function operationOf(operationId: string, { method, summary, tag, params, query, body, response }: Route): object {
  const parameters = [...parametersIn('path', params), ...parametersIn('query', query)]
  const isBytes = operationId === 'submit' || operationId === 'submitMany'
  const bytes = { 'application/octet-stream': { schema: BYTES } }
  const content = isBytes ? bytes : body === undefined ? undefined : { 'application/json': { schema: body } }
  const type = TYPES[operationId] ?? 'application/json'
  const done = { description: 'Done', content: { [type]: { schema: response } } }
  const isTagged = method === 'GET' && !OF_THE_MOMENT.includes(operationId)
  return {
    operationId,
    summary,
    tags: [tag],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(content === undefined ? {} : { requestBody: { required: true, content } }),
    responses: {
      200: method === 'GET' ? { ...done, headers: TAG } : done,
      ...(isTagged ? { 304: { description: 'As the entity tag in If-None-Match says' } } : {}),
      ...(operationId === 'resolve' ? resolutionFailures(response) : {}),
      default: REFUSED,
    },
  }
}

/** A DID that is not resolved is answered with a result too. */
function resolutionFailures(schema: Route['response']): object {
  const failure = { description: 'Not resolved', content: { 'application/did-resolution': { schema } } }
  const refused = { ...failure, content: { ...failure.content, ...REFUSED.content } }
  return { 400: refused, 404: refused, 406: failure, 410: { ...failure, description: 'Deactivated' }, 501: failure }
}

function parametersIn(where: 'path' | 'query', schema: Route['params']): object[] {
  if (schema === undefined) return []
  const required = (schema as { required?: string[] }).required ?? []
  return Object.entries(schema.properties).map(([name, own]) => ({
    name,
    in: where,
    required: required.includes(name),
    schema: own,
  }))
}

/** What is no operation of the contract: a stream, and what operators ask for. */
function otherPaths(): Record<string, object> {
  const text = (name: string) => ({ name, in: 'query', schema: { type: 'string', maxLength: 200 } })
  const resume = { name: 'Last-Event-ID', in: 'header', schema: { type: 'string' } }
  const events = {
    parameters: [...['topic', 'org', 'subject', 'lane', 'lastEventId'].map(text), resume],
    ...simple(
      'events',
      'events',
      'What happens, as server-sent events; goes on after Last-Event-ID',
      'text/event-stream',
    ),
  }
  const json = 'application/json'
  return {
    '/v1/events': { get: events },
    '/v1/network/live': {
      get: simple('live', 'network', 'Status and alerts, as server-sent events named so', 'text/event-stream'),
    },
    '/healthz': { get: simple('healthz', 'health', 'Whether the process is up', json) },
    '/readyz': { get: simple('readyz', 'health', 'Whether blocks are served; 503 when the node has halted', json) },
    '/metrics': { get: simple('metrics', 'health', 'Prometheus metrics', 'text/plain') },
  }
}

function simple(operationId: string, tag: string, summary: string, type: string): object {
  const done = { description: 'Done', content: { [type]: {} } }
  return { operationId, summary, tags: [tag], responses: { 200: done, default: REFUSED } }
}
