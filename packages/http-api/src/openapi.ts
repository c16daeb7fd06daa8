import { Problem, type Route, routes } from './contract/index.ts'
import { VERSION } from './version.ts'

/** The contract as OpenAPI 3.1, from the very schemas that check requests. */
export function openApiDocument(): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const [operationId, route] of Object.entries(routes) as [string, Route][]) {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(operationId, route) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'InterCooperative Network node', version: VERSION, license: { name: 'Apache-2.0' } },
    paths,
    components: { securitySchemes: { session: { type: 'http', scheme: 'bearer' } } },
  }
}

function operationOf(operationId: string, { summary, tag, params, query, body, response }: Route): object {
  const parameters = [...parametersIn('path', params), ...parametersIn('query', query)]
  const isBytes = operationId === 'submit' || operationId === 'submitMany'
  const bytes = { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }
  const content = isBytes ? bytes : body === undefined ? undefined : { 'application/json': { schema: body } }
  const type = operationId === 'bundle' ? 'application/vnd.ipld.dag-cbor' : 'application/json'
  return {
    operationId,
    summary,
    tags: [tag],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(content === undefined ? {} : { requestBody: { required: true, content } }),
    responses: {
      200: { description: 'Done', content: { [type]: { schema: response } } },
      default: { description: 'Refused', content: { 'application/problem+json': { schema: Problem } } },
    },
  }
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
