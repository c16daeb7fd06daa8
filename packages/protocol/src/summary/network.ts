import type { Action, Bodies, BodyKind } from '../bodies/index.ts'
import { list, plural, quote, time } from './words.ts'

type NetworkKind = Extract<BodyKind, `node.${string}` | `validator.${string}` | `network.${string}`>
type NetworkAction = Extract<
  Action,
  { do: 'admit-validator' | 'remove-validator' | 'network-param' | 'upgrade' | 'cancel-upgrade' }
>

export const describeNetworkBody: { readonly [K in NetworkKind]: (body: Bodies[K]) => string[] } = {
  'node.register': (body) => [
    `Register the node ${quote(body.moniker)} of ${body.org}`,
    `Key of the node: ${body.publicKey}`,
    `Version: ${body.version}`,
    ...describeNode(body),
  ],
  'node.update': (body) => [
    `Change what node ${body.node}, ${quote(body.moniker)}, says of itself`,
    ...describeNode(body),
  ],
  'node.drain': ({ node }) => [`Drain node ${node}: nothing new is placed on it`],
  'node.maintenance': ({ node, untilTimeMs }) => [`Announce maintenance of node ${node} until ${time(untilTimeMs)}`],
  'node.resume': ({ node }) => [`Bring node ${node} back from draining or maintenance`],
  'node.retire': ({ node }) => [`Retire node ${node} for good`],
  'node.heartbeat': ({ node, height, version, freeBytes }) => [
    `Heartbeat of node ${node}: version ${version}, at block ${height}, ${plural(freeBytes, 'byte')} free`,
  ],
  'validator.unjail': ({ validator }) => [`Let validator ${validator} out of jail: it signs blocks again`],
  'validator.appeal': ({ validator, statement }) => [
    `Appeal against the removal of validator ${validator}`,
    `Statement: ${quote(statement)}`,
  ],
  'network.open': ({ federation }) => [
    `From now on ${federation} decides about the validators and the rules of the network, for good`,
  ],
}

/** What a decision of the federation would do to the network. */
export function describeNetworkAction(action: NetworkAction): string[] {
  switch (action.do) {
    case 'admit-validator':
      return [`Make node ${action.node} a validator with power ${action.power}`]
    case 'remove-validator':
      return [`Remove validator ${action.validator}, because ${quote(action.reason)}`]
    case 'network-param':
      return describeChange(action.change)
    case 'upgrade':
      return [
        `From block ${action.height} on, use version ${action.version} of the rules, ${quote(action.name)}: older nodes stop before it`,
      ]
    case 'cancel-upgrade':
      return ['Call off the planned upgrade']
  }
}

function describeNode({
  roles,
  http,
  p2p,
  region,
  capacityBytes,
}: Pick<Bodies['node.register'], 'roles' | 'http' | 'p2p' | 'region' | 'capacityBytes'>): string[] {
  return [
    `Roles: ${list(roles)}; region: ${quote(region)}; room for ${plural(capacityBytes, 'byte')}`,
    ...http.map((address) => `Reached at: ${quote(address)}`),
    ...p2p.map((address) => `Peers reach it at: ${quote(address)}`),
  ]
}

function describeChange({
  maxValidators,
  memberAllowance,
  strangerAllowance,
}: Extract<NetworkAction, { do: 'network-param' }>['change']): string[] {
  const allowance = (who: string, given: typeof memberAllowance) =>
    given === undefined
      ? []
      : [`${who} may send ${plural(given.burst, 'transaction')} at once, ${given.perHour} an hour`]
  return [
    ...(maxValidators === undefined ? [] : [`The network may have ${plural(maxValidators, 'validator')}`]),
    ...allowance('Each member', memberAllowance),
    ...allowance('All strangers together', strangerAllowance),
  ]
}
