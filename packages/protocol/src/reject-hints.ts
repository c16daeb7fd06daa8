import { type Detail, type RejectName, rejectName } from './rejects.ts'
import { duration, time } from './summary/words.ts'

type Hint = (detail: Detail) => string

/** One sentence or two for every code: what was wrong, and what would be right. */
const hints: Readonly<Record<RejectName, Hint>> = {
  TOO_LARGE: ({ limit }) =>
    `The transaction is too large${limit === undefined ? '' : `: at most ${limit} bytes are accepted`}. Shorten its texts.`,
  NON_CANONICAL: ({ reason, expected }) =>
    `The bytes are not canonical DAG-CBOR${because(reason ?? expected)}. Write them again with the encoder that docs/protocol.md describes.`,
  BAD_AMOUNT: ({ at, reason, expected }) =>
    `A number${where(at)} is not an integer from 0 to 9007199254740991${because(reason ?? (at === undefined ? expected : undefined))}. Give amounts in whole minor units.`,
  FORBIDDEN_KEY: ({ reason, at }) =>
    `A field has a name that is not allowed${reason === undefined ? where(at) : because(reason)}. Leave it out.`,
  BAD_BODY: ({ at, expected }) =>
    `The transaction does not fit its kind${where(at)}. Expected ${expected ?? 'another value'}.`,
  UNKNOWN_KIND: ({ kind }) =>
    `This network knows no transaction of the kind ${kind === undefined ? 'given' : JSON.stringify(kind)}. Check the spelling, or update the node.`,
  BAD_SIGNATURE: ({ reason }) =>
    `The signature is not valid for this signer, key and network${because(reason)}. Sign again with an active key of the signer, for this network.`,
  DUPLICATE: () => 'This transaction is on the ledger already. Nothing more is needed.',
  EXPIRED: ({ height }) =>
    `The transaction expired before it reached a block${height === undefined ? '' : `: the network is at block ${height}`}. Sign it again with a later expiry.`,
  EXPIRY_TOO_FAR: ({ max, limit }) =>
    `The transaction expires too many blocks ahead. ${either(max ?? limit, (height) => `Use at most block ${height}.`, 'Use an earlier expiry.')}`,
  BAD_SEQUENCE: ({ expected }) =>
    `The sequence is not the signer's next one. ${either(expected, (next) => `Use ${next} and sign again.`, 'Ask the node for it and sign again.')} Where the one before it waits at another node, send this one there too, or wait until that one is in a block.`,
  ALLOWANCE_USED_UP: ({ retryAtMs }) =>
    `The allowance of transactions is used up. ${either(retryAtMs, (ms) => `Try again after ${time(Number(ms))}.`, 'It refills with time: try again later.')}`,

  DID_TAKEN: () => 'This identity is registered already. Rotate its keys instead.',
  DID_MISMATCH: ({ expected }) =>
    `The signer is not the identity that the registration describes. ${either(expected, (did) => `Sign as ${did}.`, 'Sign as the DID that is the hash of the body.')}`,
  DID_NOT_FOUND: () => 'This identity is not registered on this network. Register it first.',
  DID_DEACTIVATED: () => 'This identity is deactivated for good. Use another one.',
  KEY_INVALID: () => 'A key is not a valid Ed25519 public key. Make a new one.',
  KEY_ID_TAKEN: () => 'A key with this id stands in the identity already, or did. Choose another id.',
  KEY_NOT_FOUND: () => 'The identity has no such key. Look up which keys it has.',
  LAST_KEY: () => 'The identity would be left without a key. Add another one in the same transaction.',
  TOO_MANY_KEYS: ({ limit }) =>
    `The identity would have too many keys${limit === undefined ? '' : `: at most ${limit}`}. Revoke some.`,

  ORG_NOT_FOUND: () => 'There is no such organization on this network. Check its DID.',
  ORG_EXISTS: () => 'This organization exists already. Send the transaction again.',
  NOT_A_MEMBER: () => 'The signer is not an active member of this organization. Join it first.',
  PERMISSION_DENIED: ({ permission }) =>
    `The signer's roles do not permit this. ${either(permission, (name) => `It takes the permission ${name}.`, 'Ask a member whose role does, or make a proposal.')}`,
  CHARTER_INVALID: ({ reason, rule, expected }) =>
    `The charter would contradict itself${because(reason ?? rule ?? expected)}. Change the rules that do not fit together.`,
  INVITATION_NOT_FOUND: () => 'There is no such invitation to this organization. Check its id.',
  INVITATION_ENDED: () => 'The invitation is used up or has expired. Ask for a new one.',
  INVITATION_PROOF_INVALID: () =>
    "The proof is not the invitation key's for this applicant. Use the invitation as it was handed over.",
  ALREADY_A_MEMBER: () => 'This person is a member already. Nothing more is needed.',
  ALREADY_APPLIED: () => 'There is an open application already. Wait for its answer.',
  APPLICATION_NOT_FOUND: () =>
    'There is no open application of this person. It may have been answered or have expired.',
  ADMISSION_BY_PROPOSAL: () =>
    'This organization admits members only by decision. Make a proposal with the action admit.',
  MEMBER_NOT_FOUND: () => 'This person is not an active member of the organization. Check the DID.',
  ROLE_UNKNOWN: () => 'The charter knows no such role. Choose one that it names.',
  ROLE_HELD: () => 'The member holds this role already. Nothing more is needed.',
  ROLE_NOT_HELD: () => 'The member does not hold this role. Nothing more is needed.',
  LAST_STEWARD: () => 'The organization would be left without a steward. Give the role to another member first.',
  MEMBER_EXPELLED: () =>
    'This person was expelled and cannot join again without a decision. Appeal, or make a proposal.',
  REJOINED_TOO_OFTEN: () => 'This person has left and joined too often. A proposal can admit them.',
  TIME_OUT_OF_RANGE: ({ expected }) =>
    `The time is in the past or too far ahead. Expected ${expected ?? 'a time soon after the present block'}.`,

  PROPOSAL_NOT_FOUND: () => 'There is no such proposal on this network. Check its id.',
  VOTING_NOT_OPEN: () =>
    'Voting on this proposal is not open: it has not begun or has ended. The totals are unchanged.',
  NOT_ON_ROLL: () => 'The signer was not on the roll when voting began, so has no vote in this decision.',
  BALLOT_INVALID: ({ expected }) =>
    `The ballot does not fit the proposal's method. Expected ${expected ?? 'a ballot as docs/protocol.md describes it for this method'}.`,
  NOT_AUTHOR: () => 'Only the author of the proposal may do this.',
  WRONG_PHASE: ({ status }) =>
    `The proposal is in a phase where this is not possible${status === undefined ? '' : `: ${status}`}.`,
  METHOD_NOT_ALLOWED: () => 'This type of proposal cannot be decided by this method. Choose another one.',
  OPTIONS_INVALID: ({ expected }) =>
    `The options do not fit the method. Expected ${expected ?? 'at least two different options, or none for yes-no and consent'}.`,
  SETTINGS_INVALID: ({ expected }) =>
    `Seats, highest score or budget do not fit the method. Expected ${expected ?? 'only the settings that the method uses'}.`,
  ACTION_NOT_ALLOWED: ({ expected }) =>
    `This type of proposal may not carry out such an action. Expected ${expected ?? 'a type with the higher threshold that it takes'}.`,
  ALREADY_SPONSORED: () => 'The signer sponsors this proposal already, or is its author. Nothing more is needed.',
  TOO_MANY_PROPOSALS: ({ limit }) =>
    `The signer has too many open proposals${limit === undefined ? '' : `: at most ${limit}`}. Wait until one ends, or withdraw one.`,
  COMMENT_NOT_FOUND: () => 'There is no such comment on this proposal. Check its id.',
  APPEAL_NOT_POSSIBLE: () =>
    'The signer was not expelled from this organization, or the validator not removed for misbehaviour, or the time to appeal is over, or there was an appeal.',
  DISCUSSION_TOO_SHORT: ({ expected }) =>
    `The charter asks for a longer discussion. ${either(expected, (least) => `Expected at least ${duration(Number(least))}.`, 'Give it more time.')}`,

  NODE_NOT_FOUND: () => 'There is no such node on this network. Check its id.',
  NODE_RETIRED: () => 'The node is retired for good. Register a new one.',
  NODE_KEY_TAKEN: () => 'A node with this key is on the network already. Use the key of the node that is meant.',
  TOO_MANY_NODES: ({ limit }) =>
    `The organization has too many nodes${limit === undefined ? '' : `: at most ${limit}`}. Retire some.`,
  WRONG_NODE_STATUS: ({ status }) =>
    `The node is in a state where this is not possible${status === undefined ? '' : `: ${status}`}.`,
  NODE_IS_VALIDATOR: () => 'The node is a validator. The federation has to remove it first, by a decision.',
  NOT_NODE_KEY: () => "A heartbeat is signed with the node's own key, and this is another one.",
  HEIGHT_AHEAD: ({ height }) =>
    `The node says that it has a block which is not made yet. ${either(height, (last) => `The last block is ${last}.`, 'Check which network it follows.')}`,
  HEARTBEAT_TOO_SOON: ({ retryAtMs }) =>
    `The last heartbeat of the node is less than five minutes ago. ${either(retryAtMs, (ms) => `The next one may come at ${time(Number(ms))}.`, 'Wait for the next.')}`,
  VALIDATOR_NOT_FOUND: () => 'There is no such validator on this network. Check its address.',
  NOT_OPERATOR: () =>
    "This takes the validator's own key, or a member with the permission node.operate in the organization of its node.",
  NOT_JAILED: ({ status }) =>
    `The validator is not jailed${status === undefined ? '' : `: it is ${status}`}. Nothing can be ended.`,
  JAILED_STILL: ({ retryAtMs }) =>
    `The least time in jail is not over. ${either(retryAtMs, (ms) => `Try again after ${time(Number(ms))}.`, 'Try again later.')}`,
  POWER_CHANGE_TOO_LARGE: ({ retryAtMs }) =>
    `More than one third of the voting power would change within a day. ${either(retryAtMs, (ms) => `Try again after ${time(Number(ms))}.`, 'Try again tomorrow.')}`,
  FEDERATION_ONLY: ({ expected }) =>
    `Only the federation decides about validators and the network. ${either(expected, (org) => `Propose it in ${org}.`, 'This network has none, so its validators stay as they are.')}`,
  TOO_MANY_VALIDATORS: ({ limit }) =>
    `The network has as many validators as it may${limit === undefined ? '' : `: ${limit}`}. ${limit === 1 ? 'A network with one validator stays so; several need a genesis that allows for them.' : 'Raise maxValidators, or remove one.'}`,
  NOT_THE_VALIDATOR: () => 'Only the one validator that the genesis names may do this, with its own key.',
  NETWORK_OPEN_ALREADY: ({ expected }) =>
    `Who decides about this network is settled, and stays so. ${either(expected, (org) => `It is ${org}.`, 'The genesis says so.')}`,
}

/**
 * A sentence for whoever was refused, in plain English.
 *
 * @param detail - what the refusal carried; every field is optional
 */
export function rejectHint(code: number, detail: Detail = {}): string {
  const name = rejectName(code)
  if (name in hints) return hints[name as RejectName](detail)
  return `The node refused with a code that this program does not know (${code}). Update it.`
}

type Part = string | number | undefined

function because(reason: Part): string {
  return reason === undefined ? '' : ` (${reason})`
}

function where(at: Part): string {
  return at === undefined || at === '' ? '' : ` at ${at}`
}

function either(value: Part, known: (value: string | number) => string, unknown: string): string {
  return value === undefined ? unknown : known(value)
}
