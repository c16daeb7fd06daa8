/** Where a value departs from its schema, and what should stand there. */
export interface Mismatch {
  /** JSON pointer from the value checked: `/options/0/label`; empty for the value itself. */
  readonly at: string
  readonly expected: string
}

/** The part of JSON Schema that the bodies are written in. */
export interface Schema {
  readonly type?: string
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly description?: string
  readonly pattern?: string
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minimum?: number
  readonly maximum?: number
}

/** The first departure, fields in the order of the schema; `undefined` where the value fits. Only for values refused. */
export function explain(schema: Schema, value: unknown, at = ''): Mismatch | undefined {
  const wrong = { at, expected: describe(schema) }
  if ('const' in schema) return value === schema.const ? undefined : wrong
  if (schema.enum !== undefined) return schema.enum.includes(value) ? undefined : wrong
  if (schema.anyOf !== undefined) return explainUnion(schema.anyOf, value, at, wrong)
  switch (schema.type) {
    case 'object':
      return isMap(value) ? explainMap(schema, value, at) : wrong
    case 'array':
      return Array.isArray(value) ? explainList(schema, value, at, wrong) : wrong
    case 'string':
      return typeof value === 'string' && isTextWithin(schema, value) ? undefined : wrong
    case 'integer':
      return Number.isInteger(value) && isWithin(value as number, schema.minimum, schema.maximum) ? undefined : wrong
    case 'boolean':
      return typeof value === 'boolean' ? undefined : wrong
    case 'null':
      return value === null ? undefined : wrong
    default:
      return undefined
  }
}

function explainMap(schema: Schema, value: Record<string, unknown>, at: string): Mismatch | undefined {
  const properties = schema.properties ?? {}
  for (const [name, property] of Object.entries(properties)) {
    const path = `${at}/${name}`
    if (Object.hasOwn(value, name)) {
      const inner = explain(property, value[name], path)
      if (inner !== undefined) return inner
    } else if (schema.required?.includes(name)) return { at: path, expected: describe(property) }
  }
  const extra = Object.keys(value).find((name) => !Object.hasOwn(properties, name))
  if (extra === undefined) return undefined
  return {
    at: `${at}/${pointer(extra)}`,
    expected: `no such field; fields here: ${Object.keys(properties).join(', ')}`,
  }
}

function explainList(schema: Schema, value: readonly unknown[], at: string, wrong: Mismatch): Mismatch | undefined {
  if (!isWithin(value.length, schema.minItems, schema.maxItems)) return wrong
  for (const [index, item] of value.entries()) {
    const inner = explain(schema.items ?? {}, item, `${at}/${index}`)
    if (inner !== undefined) return inner
  }
  return undefined
}

/** The alternative that comes furthest is the one that was meant; a map is meant by its one fixed field. */
function explainUnion(branches: readonly Schema[], value: unknown, at: string, wrong: Mismatch): Mismatch | undefined {
  let furthest = wrong
  for (const branch of branches) {
    const inner = explain(branch, value, at)
    if (inner === undefined) return undefined
    if (isMap(value) && !hasFixedFields(branch, value)) continue
    if (inner.at.length > furthest.at.length) furthest = inner
  }
  if (furthest !== wrong || !isMap(value)) return furthest
  return explainFixedField(branches, at) ?? wrong
}

function explainFixedField(branches: readonly Schema[], at: string): Mismatch | undefined {
  const fixed = branches.flatMap((branch) => Object.entries(branch.properties ?? {}))
  const [name] = fixed.find(([, property]) => 'const' in property) ?? []
  if (name === undefined) return undefined
  const values = fixed.filter(([other]) => other === name).map(([, property]) => JSON.stringify(property.const))
  return { at: `${at}/${name}`, expected: `one of ${values.join(', ')}` }
}

function hasFixedFields(branch: Schema, value: Record<string, unknown>): boolean {
  const properties = Object.entries(branch.properties ?? {})
  return properties.every(([name, property]) => !('const' in property) || value[name] === property.const)
}

function isTextWithin(schema: Schema, value: string): boolean {
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) return false
  return isWithin([...value].length, schema.minLength, schema.maxLength)
}

function isWithin(value: number, minimum = 0, maximum = Number.MAX_SAFE_INTEGER): boolean {
  return value >= minimum && value <= maximum
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A name as part of a JSON pointer (RFC 6901), cut short: it came from outside. */
export function pointer(name: string): string {
  return name.slice(0, 64).replaceAll('~', '~0').replaceAll('/', '~1')
}

function describe(schema: Schema): string {
  if (schema.description !== undefined) return schema.description
  if ('const' in schema) return JSON.stringify(schema.const)
  if (schema.enum !== undefined) return `one of ${schema.enum.map((value) => JSON.stringify(value)).join(', ')}`
  if (schema.anyOf !== undefined) return schema.anyOf.map(describe).join(', or ')
  switch (schema.type) {
    case 'string':
      return `a text of ${range(schema.minLength, schema.maxLength)} characters`
    case 'array':
      return `a list of ${range(schema.minItems, schema.maxItems)} items`
    case 'integer':
      return `an integer of ${range(schema.minimum, schema.maximum)}`
    case 'boolean':
      return 'true or false'
    case 'null':
      return 'null'
    default:
      return `a map with ${(schema.required ?? Object.keys(schema.properties ?? {})).join(', ')}`
  }
}

function range(minimum = 0, maximum = Number.MAX_SAFE_INTEGER): string {
  return maximum === Number.MAX_SAFE_INTEGER ? `${minimum} or more` : `${minimum} to ${maximum}`
}
