import { Type } from 'typebox'
import { Base64Url, Count, Did, Height, HeightQuery, Hex32, object, type Route, Time } from './shared.ts'

const Result = Type.Record(Type.String(), Type.Union([Type.String(), Type.Integer()]), {
  description: 'Ids that the ledger assigned, by kind',
})
export const WaitQuery = object({
  wait: Type.Optional(Type.Enum(['committed', 'accepted'], { default: 'committed' })),
})

/** `height` and `index` are there once it is in a synced block (`wait=committed`). */
export const Receipt = object(
  { hash: Hex32, status: Type.Enum(['committed', 'accepted']), height: Height, index: Count, result: Result },
  'Receipt',
)

const BatchItem = object(
  {
    hash: Hex32,
    status: Type.Enum(['committed', 'accepted', 'refused']),
    height: Height,
    index: Count,
    result: Result,
    code: Count,
    name: Type.String(),
    hint: Type.String(),
  },
  'BatchReceipt',
)

export const Prepared = object(
  {
    /** DAG-CBOR of the transaction: what is to be signed after the domain tag. */
    payload: Base64Url,
    /** The exact bytes to sign: `icn:tx:1`, a zero byte, the payload. */
    signingBytes: Base64Url,
    summary: Type.Array(Type.String()),
    sequence: Count,
    expiryHeight: Height,
  },
  'Prepared',
)

export const transactionRoutes = {
  submit: {
    method: 'POST',
    path: '/v1/transactions',
    tag: 'transactions',
    summary: 'Submits the signed bytes of one transaction; answered when its block is on the disk',
    query: WaitQuery,
    response: Receipt,
  },
  submitMany: {
    method: 'POST',
    path: '/v1/transactions/batch',
    tag: 'transactions',
    summary: 'Submits many at once (DAG-CBOR list of byte strings); each is answered by itself, in order',
    query: WaitQuery,
    response: object({ items: Type.Array(BatchItem) }),
  },
  prepare: {
    method: 'POST',
    path: '/v1/transactions/prepare',
    tag: 'transactions',
    summary: 'The bytes to sign for an action in plain JSON, with a readable summary; a client checks what they say',
    body: object({
      signer: Did,
      keyId: Type.Optional(Type.String({ maxLength: 64 })),
      sequence: Type.Optional(Count),
      expiryHeight: Type.Optional(Height),
      body: Type.Unknown({ description: 'The action: `{ "kind": "vote.cast", … }`' }),
    }),
    response: Prepared,
  },
  transaction: {
    method: 'GET',
    path: '/v1/transactions/:hash',
    tag: 'transactions',
    summary: 'A committed transaction',
    params: object({ hash: Hex32 }),
    query: HeightQuery,
    response: object(
      {
        hash: Hex32,
        height: Height,
        index: Count,
        time: Time,
        kind: Type.String(),
        lane: Count,
        signer: Type.String(),
        code: Count,
        result: Result,
        bytes: Base64Url,
        summary: Type.Array(Type.String()),
      },
      'Transaction',
    ),
  },
} as const satisfies Record<string, Route>
