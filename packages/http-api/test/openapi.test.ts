import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routes } from '../src/contract/index.ts'
import { openApiDocument } from '../src/openapi.ts'

test('the document of the interface has every operation of the contract once, with its parameters', () => {
  const { openapi, paths } = openApiDocument() as {
    openapi: string
    paths: Record<string, Record<string, { operationId: string; parameters?: { name: string; in: string }[] }>>
  }
  assert.equal(openapi, '3.1.0')
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, ...operation })),
  )
  const others = ['events', 'healthz', 'live', 'metrics', 'readyz']
  assert.deepEqual(operations.map(({ operationId }) => operationId).sort(), [...Object.keys(routes), ...others].sort())
  for (const { path, parameters = [] } of operations) {
    const named = parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => `{${name}}`)
    assert.deepEqual(path.match(/\{\w+\}/g) ?? [], named)
  }
})
