import { Type } from 'typebox'
import { LaneFilter } from './lanes.ts'
import {
  Base64Url,
  Count,
  Did,
  Height,
  HeightQuery,
  Hex32,
  nullable,
  object,
  PageQuery,
  page,
  type Route,
  Time,
} from './shared.ts'

export const Network = object(
  {
    network: Type.String({ description: 'Chain id' }),
    name: Type.String(),
    genesisHash: Hex32,
    consensus: Type.Enum(['solo', 'cometbft']),
    version: Type.String(),
    height: Height,
    time: Time,
    appHash: Hex32,
    validators: Type.Array(object({ name: Type.String(), publicKey: Type.String(), power: Count })),
    waiting: Type.Integer({ description: 'Transactions that wait for a block' }),
    organizations: Count,
    members: Count,
    proposals: Count,
    origin: Type.Optional(
      object(
        {
          network: Type.String({ description: 'Chain id' }),
          genesisHash: Hex32,
          height: Height,
          blockHash: Hex32,
          appHash: Hex32,
        },
        'Origin',
      ),
    ),
  },
  'Network',
)

const JoinFile = object(
  {
    format: Type.Literal('icn-join-1'),
    genesisHash: Hex32,
    expires: Time,
    cometbft: Type.String({ description: 'Version of CometBFT that the network runs' }),
    peers: Type.Array(Type.String({ description: '`id@host:port`; an empty host is the one that answered' })),
    genesis: Type.Unknown(),
    continues: Type.Optional(
      object({
        height: Height,
        appHash: Hex32,
        header: Type.String({ description: 'Signed header of the last block that a node made alone, hex' }),
      }),
    ),
  },
  'JoinFile',
)

const BlockSummary = object({ height: Height, time: Time, hash: Hex32, appHash: Hex32, transactions: Count })
export const Block = object(
  {
    height: Height,
    time: Time,
    hash: Hex32,
    appHash: Hex32,
    header: Base64Url,
    transactions: Type.Array(object({ hash: Hex32, kind: Type.String(), lane: Count, signer: Type.String() })),
  },
  'Block',
)

export const networkRoutes = {
  network: {
    method: 'GET',
    path: '/v1/network',
    tag: 'network',
    summary: 'The network and where it stands',
    query: HeightQuery,
    response: Network,
  },
  genesis: {
    method: 'GET',
    path: '/v1/genesis',
    tag: 'network',
    summary: 'The genesis: whoever has it can check every block',
    query: HeightQuery,
    response: Type.Unknown(),
  },
  join: {
    method: 'GET',
    path: '/v1/network/join',
    tag: 'network',
    summary: 'The join file: what an operator needs to follow this network with a node of their own',
    response: JoinFile,
  },
  lightRpc: {
    method: 'POST',
    path: '/v1/network/light-rpc',
    tag: 'network',
    summary: 'What a light client asks of CometBFT, as its JSON-RPC: for nodes that join by state sync',
    body: object({
      jsonrpc: Type.Literal('2.0'),
      id: Type.Union([Type.Integer(), Type.String({ maxLength: 64 })]),
      method: Type.Enum(['commit', 'validators', 'consensus_params']),
      params: Type.Optional(
        object({
          height: Type.Optional(nullable(Type.String({ pattern: '^\\d{1,16}$' }))),
          page: Type.Optional(nullable(Type.String({ pattern: '^\\d{1,4}$' }))),
          per_page: Type.Optional(nullable(Type.String({ pattern: '^\\d{1,3}$' }))),
        }),
      ),
    }),
    response: Type.Unknown({ description: 'JSON-RPC: `{ "jsonrpc", "id", "result" }` or with `error`' }),
  },
  blocks: {
    method: 'GET',
    path: '/v1/blocks',
    tag: 'network',
    summary: 'Blocks, latest first',
    query: PageQuery,
    response: page(BlockSummary),
  },
  block: {
    method: 'GET',
    path: '/v1/blocks/:height',
    tag: 'network',
    summary: 'One block with its signed header, and its transactions, or those of one lane',
    params: object({ height: Height }),
    query: object({ ...HeightQuery.properties, lane: LaneFilter }),
    response: Block,
  },
  signer: {
    method: 'GET',
    path: '/v1/signers/:did',
    tag: 'identity',
    summary: 'The next sequence of a signer and what is left of the allowance',
    params: object({ did: Did }),
    query: HeightQuery,
    response: object(
      {
        did: Did,
        sequence: Count,
        allowanceLeft: Count,
        allowanceBurst: Count,
        allowancePerHour: Count,
        memberships: Count,
      },
      'Signer',
    ),
  },
  membershipsOf: {
    method: 'GET',
    path: '/v1/signers/:did/organizations',
    tag: 'identity',
    summary: 'Organizations of which a DID is or was a member',
    params: object({ did: Did }),
    query: PageQuery,
    response: page(object({ org: Did, name: Type.String(), status: Type.String(), roles: Type.Array(Type.String()) })),
  },
  resolve: {
    method: 'GET',
    path: '/1.0/identifiers/:did',
    tag: 'identity',
    summary: 'DID Resolution HTTP binding; `versionId`, `versionTime` or `height` for earlier documents',
    params: object({ did: Type.String({ description: 'Any DID', maxLength: 200 }) }),
    query: object({
      versionId: Type.Optional(Type.String({ maxLength: 20, description: 'Version by number, from 1' })),
      versionTime: Type.Optional(
        Type.String({
          pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z$',
          description: 'A time such as 2026-05-01T00:00:00Z',
        }),
      ),
      ...HeightQuery.properties,
    }),
    response: Type.Object(
      {
        didDocument: nullable(Type.Unknown()),
        didDocumentMetadata: Type.Unknown(),
        didResolutionMetadata: Type.Unknown(),
      },
      { title: 'DidResolution' },
    ),
  },
} as const satisfies Record<string, Route>
