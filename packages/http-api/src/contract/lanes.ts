import { LANES, MAX_LIGHT_BLOCKS } from '@icn/protocol'
import { Type } from 'typebox'
import { Proof, ProofQuery } from './organizations.ts'
import {
  Base64Url,
  Count,
  Height,
  HeightQuery,
  Hex32,
  nullable,
  object,
  PageQuery,
  type Route,
  Time,
} from './shared.ts'

const Lane = Type.Integer({ minimum: 0, maximum: LANES.length - 1, description: '0 core, 1 marketplace, 2 storage' })
/** Optional filter of a list. */
export const LaneFilter = Type.Optional(Lane)

const Log = object(
  {
    size: Count,
    peaks: Type.String({ pattern: '^([0-9a-f]{64})*$', description: 'Peaks in hexadecimal, largest first' }),
  },
  'Log',
)
const LaneState = {
  lane: Lane,
  name: Type.String({ description: '`core`, `marketplace` or `storage`' }),
  blocks: Type.Integer({ minimum: 0, description: 'Blocks that have events of the lane' }),
  height: Type.Integer({ minimum: 0, description: 'The last of them; 0 where there is none' }),
}

const LaneEvent = Type.Tuple([
  Type.String({ description: 'Topic' }),
  nullable(Type.String({ description: 'DID of the organization concerned' })),
  Type.String({ description: 'Subject' }),
  Type.Record(Type.String(), Type.Union([Type.String(), Type.Integer(), Type.Boolean()])),
])

/** Exactly what is hashed (docs/protocol.md), or, of what this reader may not see, its hash alone. */
const LaneGroup = Type.Union([
  object({
    index: Count,
    transaction: nullable(Hex32),
    signature: nullable(Base64Url),
    events: Type.Array(LaneEvent, { minItems: 1 }),
  }),
  object({ hidden: Hex32 }),
])

const LaneBlock = object({ height: Height, time: Time, groups: Type.Array(LaneGroup, { minItems: 1 }) }, 'LaneBlock')

export const laneRoutes = {
  lanes: {
    method: 'GET',
    path: '/v1/lanes',
    tag: 'lanes',
    summary: 'How far the log of each lane is; nothing before the first event of the network',
    query: HeightQuery,
    response: object({ items: Type.Array(object(LaneState)) }),
  },
  lane: {
    method: 'GET',
    path: '/v1/lanes/:lane',
    tag: 'lanes',
    summary: 'The log of a lane, with what proves it',
    params: object({ lane: Lane }),
    query: ProofQuery,
    response: object({ ...LaneState, log: Log, proof: Type.Optional(Proof) }, 'Lane'),
  },
  laneBlocks: {
    method: 'GET',
    path: '/v1/lanes/:lane/blocks',
    tag: 'lanes',
    summary: 'Blocks that have events of a lane, with the events as they are hashed',
    params: object({ lane: Lane }),
    query: object({
      ...PageQuery.properties,
      from: Type.Optional(Type.Integer({ minimum: 0, description: 'The first height; else the first that is kept' })),
      position: Type.Optional(
        Type.Integer({ minimum: 0, description: 'Instead of it, the first leaf of the log, from 0' }),
      ),
    }),
    response: object(
      {
        lane: Lane,
        before: Log,
        items: Type.Array(LaneBlock),
        after: Type.Array(Hex32, {
          description: 'Roots that lead from the log after these blocks to that at `height`',
        }),
        nextCursor: nullable(Type.String()),
      },
      'LaneBlocks',
    ),
  },
  lightBlock: {
    method: 'GET',
    path: '/v1/network/light-blocks/:height',
    tag: 'lanes',
    summary: 'What proves a block of a network of several validators: tendermint.types.LightBlock',
    params: object({ height: Height }),
    response: object({ height: Height, bytes: Base64Url }, 'LightBlock'),
  },
  trustPath: {
    method: 'GET',
    path: '/v1/network/trust-path',
    tag: 'lanes',
    summary:
      'By which light blocks the genesis leads to the present: all that this node may have of those before its first block',
    response: object(
      {
        heights: Type.Array(Height, {
          maxItems: MAX_LIGHT_BLOCKS,
          description: 'Ascending; each is at `light-blocks`',
        }),
      },
      'TrustPath',
    ),
  },
} as const satisfies Record<string, Route>
