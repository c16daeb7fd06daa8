import { Type } from 'typebox'
import { Proof, ProofQuery } from './organizations.ts'
import { Count, Did, Height, LedgerId, nullable, object, PageQuery, page, type Route, Time } from './shared.ts'

const Address = Type.String({ pattern: '^[0-9a-f]{40}$', description: 'Address of a validator, hexadecimal' })
const PublicKey = Type.String({ pattern: '^z6Mk[1-9A-HJ-NP-Za-km-z]{44}$', description: 'Ed25519, as in did:key' })

export const NetworkNode = object(
  {
    id: LedgerId,
    org: Did,
    publicKey: PublicKey,
    moniker: Type.String(),
    roles: Type.Array(Type.Enum(['validator', 'storage', 'observer'])),
    http: Type.Array(Type.String()),
    p2p: Type.Array(Type.String()),
    region: Type.String(),
    capacityBytes: Count,
    freeBytes: Count,
    version: Type.String(),
    status: Type.Enum(['registered', 'active', 'draining', 'maintenance', 'retired', 'silent'], {
      description: '`silent`: no heartbeat for an hour; the ledger has it as active or draining',
    }),
    until: nullable(Type.String({ format: 'date-time', description: 'End of the registration or the maintenance' })),
    registered: Time,
    heartbeat: nullable(Time),
    height: Height,
    proof: Type.Optional(Proof),
  },
  'NetworkNode',
)

export const Validator = object(
  {
    address: Address,
    publicKey: PublicKey,
    name: Type.String(),
    power: Type.Integer({ minimum: 0, description: 'In votes on blocks; 0 where it is not active' }),
    status: Type.Enum(['active', 'jailed', 'removed']),
    sinceHeight: Height,
    missed: Type.Integer({ minimum: 0, description: 'Blocks of the present window of 1,000 that it missed' }),
    missingSince: nullable(Height),
    jailedUntil: nullable(Time),
    node: nullable(LedgerId),
    org: nullable(Did),
    sanction: nullable(object({ kind: Type.String(), height: Height, appeal: nullable(LedgerId) })),
    proof: Type.Optional(Proof),
  },
  'Validator',
)

const Allowance = object({ burst: Count, perHour: Count })

export const validatorRoutes = {
  nodes: {
    method: 'GET',
    path: '/v1/network/nodes',
    tag: 'network',
    summary: 'Nodes of the network by id, with their latest heartbeats',
    query: object({
      ...PageQuery.properties,
      org: Type.Optional(Did),
      publicKey: Type.Optional(PublicKey),
    }),
    response: page(NetworkNode),
  },
  node: {
    method: 'GET',
    path: '/v1/network/nodes/:id',
    tag: 'network',
    summary: 'One node',
    params: object({ id: LedgerId }),
    query: ProofQuery,
    response: NetworkNode,
  },
  validators: {
    method: 'GET',
    path: '/v1/network/validators',
    tag: 'network',
    summary: 'Validators, removed ones too, and who decides about them',
    query: object({ height: Type.Optional(Height) }),
    response: object({
      items: Type.Array(Validator),
      power: Type.Integer({ minimum: 0, description: 'Of all active validators together' }),
      maxValidators: Count,
      attendance: object({
        windowBlocks: Type.Integer({
          description: 'Who misses more than half of a window of so many blocks is jailed',
        }),
        jailMs: Type.Integer({ description: 'How long at least' }),
      }),
      federation: nullable(Did),
      memberAllowance: Allowance,
      strangerAllowance: Allowance,
    }),
  },
  validator: {
    method: 'GET',
    path: '/v1/network/validators/:address',
    tag: 'network',
    summary: 'One validator; a network that never changes its validators has no row of it to prove',
    params: object({ address: Address }),
    query: ProofQuery,
    response: Validator,
  },
  upgrade: {
    method: 'GET',
    path: '/v1/network/upgrade',
    tag: 'network',
    summary: 'The version of the rules, and the upgrade that was decided on last',
    query: ProofQuery,
    response: object({
      version: Type.Integer({ minimum: 1, description: 'Of the rules that this node knows' }),
      inForce: Type.Integer({ minimum: 1, description: 'Of the rules by which the next block is made' }),
      planned: nullable(object({ version: Count, name: Type.String(), height: Height, proposal: LedgerId })),
      isReady: Type.Boolean({ description: 'Whether this node goes on at the height of the upgrade' }),
      proof: Type.Optional(Proof),
    }),
  },
} as const satisfies Record<string, Route>
