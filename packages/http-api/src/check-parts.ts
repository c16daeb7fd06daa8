import type { FastifyRequest } from 'fastify'
import type { TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { Route } from './contract/index.ts'
import { nodeProblem } from './problem.ts'

interface Parts {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

type Where = 'path' | 'query' | 'body'

/** Reads path, query and body of a request by the schemas of its operation. */
export function partsOf(route: Route): (request: FastifyRequest) => Parts {
  const params = partChecker(route.params, 'path')
  const query = partChecker(route.query, 'query')
  const body = partChecker(route.body, 'body')
  return (request) => ({ params: params(request.params), query: query(request.query), body: body(request.body) })
}

/** PERF: a schema is compiled when the first request needs it: all of them would take a fifth of a second at the start. */
function partChecker(schema: TSchema | undefined, where: Where): (value: unknown) => unknown {
  if (schema === undefined) return (value) => (where === 'query' ? refuseUnknown(value) : value)
  let compiled: ReturnType<typeof Compile> | undefined
  return (value) => {
    if (where === 'body' && (value === undefined || value instanceof Uint8Array)) throw noJson()
    compiled ??= Compile(schema)
    const given = where === 'body' ? value : fromTexts(schema, value)
    if (compiled.Check(given)) return given
    throw badRequest(where, departure(schema, compiled.Errors(given)[0]))
  }
}

/** Path and query are texts; where the schema says integer, digits become one. */
function fromTexts(schema: TSchema, value: unknown): unknown {
  const properties = propertiesOf(schema)
  const entries = Object.entries((value ?? {}) as Record<string, unknown>).map(([name, text]) => {
    const isInteger = properties[name]?.type === 'integer' && typeof text === 'string' && /^\d{1,16}$/.test(text)
    return [name, isInteger ? Number(text) : text]
  })
  return Object.fromEntries(entries)
}

interface Departure {
  readonly keyword: string
  readonly instancePath: string
  readonly message: string
  readonly params?: unknown
}

/** What is wrong, in words: `limit must be <= 200`. */
function departure(schema: TSchema, error: Departure | undefined): string {
  if (error === undefined) return 'it does not fit'
  const { keyword, instancePath, message, params } = error
  const name = instancePath.slice(1, 65)
  const known = propertiesOf(schema)
  if (keyword === 'boolean') return `it has no ${name}; it may have ${Object.keys(known).join(', ')}`
  if (keyword === 'pattern') return `${name} must be ${lowered(known[name]?.description ?? 'of another form')}`
  const { allowedValues } = (params ?? {}) as { allowedValues?: readonly string[] }
  if (allowedValues !== undefined) return `${name} must be one of ${allowedValues.join(', ')}`
  return name === '' ? `it ${message}` : `${name} ${message}`
}

function propertiesOf(schema: TSchema): Readonly<Record<string, { type?: string; description?: string }>> {
  return (schema as { properties?: Record<string, { type?: string; description?: string }> }).properties ?? {}
}

function lowered(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1)
}

function refuseUnknown(value: unknown): unknown {
  const [name] = Object.keys((value ?? {}) as object)
  if (name !== undefined) throw badRequest('query', `it has no ${name.slice(0, 64)}, and takes no parameters`)
  return value
}

function badRequest(where: Where, what: string): Error {
  return nodeProblem(
    400,
    'BAD_REQUEST',
    `The ${where} of the request is not as it should be: ${what}.`,
    'See /docs for what this operation takes.',
  )
}

function noJson(): Error {
  return nodeProblem(
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    'This operation takes JSON, and the request brings none.',
    'Send a JSON document with the header Content-Type: application/json.',
  )
}
