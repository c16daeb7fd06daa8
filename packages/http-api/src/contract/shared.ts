import { type Static, type TObject, type TSchema, Type } from 'typebox'

/** Closed objects: an answer has exactly what the schema says. */
export const object = <P extends Record<string, TSchema>>(properties: P, title?: string) =>
  Type.Object(properties, { additionalProperties: false, ...(title === undefined ? {} : { title }) })

export const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
export const Did = Type.String({
  description: 'A decentralized identifier',
  pattern: '^did:[a-z0-9]+:[A-Za-z0-9._:%-]+$',
  maxLength: 180,
})
export const LedgerId = Type.String({ description: 'An id that the ledger assigned; opaque', maxLength: 48 })
export const Hex32 = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 in hexadecimal' })
export const Base64Url = Type.String({ pattern: '^[A-Za-z0-9_-]*$', description: 'Bytes, base64url without padding' })
export const Time = Type.String({ format: 'date-time', description: 'RFC 3339, UTC' })
export const Count = Type.Integer({ minimum: 0 })
/** Minor units of a currency: a decimal text, so that no client rounds it. */
export const Amount = Type.String({ pattern: '^[0-9]{1,16}$', description: 'Minor units of a currency' })
export const Height = Type.Integer({ minimum: 0, description: 'Height of a block' })

/** Of what changes only the present height is kept; blocks and transactions answer for any height so far. */
export const HeightQuery = object({ height: Type.Optional(Height) })
export const PageQuery = object({
  ...HeightQuery.properties,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: 50 })),
  cursor: Type.Optional(Type.String({ maxLength: 400, description: '`nextCursor` of the page before' })),
})

export const page = <T extends TSchema>(item: T) =>
  object({ items: Type.Array(item), nextCursor: nullable(Type.String()) })

/** RFC 9457, with the stable code and name of the refusal and what would be right. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.Integer({ description: 'Stable code; 0 where the node itself refuses' }),
    name: Type.String({ description: 'Stable name: `BAD_SEQUENCE`, `NOT_FOUND`' }),
    hint: Type.String({ description: 'What would be right' }),
  },
  { title: 'Problem' },
)
export type Problem = Static<typeof Problem>

/** One operation over HTTP: what validates it, documents it and types the client. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly summary: string
  readonly tag: string
  readonly params?: TObject
  readonly query?: TObject
  readonly body?: TSchema
  readonly response: TSchema
}
