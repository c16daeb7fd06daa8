import {
  GovernanceReject,
  IdentityReject,
  MembershipReject,
  NetworkReject,
  rejectHint,
  rejectName,
  TransactionReject,
} from '@icn/protocol'
import type { Problem } from './contract/index.ts'

type Detail = Readonly<Record<string, string | number>>

/** A request that is answered with a problem document; what the node itself refuses has code 0 and a name of its own. */
export class RequestProblem extends Error {
  override readonly name = 'RequestProblem'
  readonly problem: Problem
  readonly headers: Readonly<Record<string, string>>

  constructor(problem: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(problem.detail)
    this.problem = problem
    this.headers = headers
  }
}

const MALFORMED: readonly number[] = [
  TransactionReject.NON_CANONICAL,
  TransactionReject.BAD_AMOUNT,
  TransactionReject.FORBIDDEN_KEY,
  TransactionReject.BAD_BODY,
  TransactionReject.UNKNOWN_KIND,
  TransactionReject.BAD_SIGNATURE,
]
const CONFLICT: readonly number[] = [
  TransactionReject.DUPLICATE,
  TransactionReject.EXPIRED,
  TransactionReject.EXPIRY_TOO_FAR,
  TransactionReject.BAD_SEQUENCE,
]
const FORBIDDEN: readonly number[] = [
  MembershipReject.NOT_A_MEMBER,
  MembershipReject.PERMISSION_DENIED,
  GovernanceReject.NOT_ON_ROLL,
  GovernanceReject.NOT_AUTHOR,
  NetworkReject.NOT_NODE_KEY,
  NetworkReject.NOT_OPERATOR,
  NetworkReject.FEDERATION_ONLY,
]
const NOT_FOUND: readonly number[] = [
  IdentityReject.DID_NOT_FOUND,
  MembershipReject.ORG_NOT_FOUND,
  MembershipReject.INVITATION_NOT_FOUND,
  MembershipReject.APPLICATION_NOT_FOUND,
  MembershipReject.MEMBER_NOT_FOUND,
  GovernanceReject.PROPOSAL_NOT_FOUND,
  GovernanceReject.COMMENT_NOT_FOUND,
  NetworkReject.NODE_NOT_FOUND,
  NetworkReject.VALIDATOR_NOT_FOUND,
]

/** HTTP status of a refusal of the ledger; 422 where the request is well formed and the rules say no. */
export function statusOf(code: number): number {
  if (code === TransactionReject.TOO_LARGE) return 413
  if (code === TransactionReject.ALLOWANCE_USED_UP) return 429
  if (MALFORMED.includes(code)) return 400
  if (CONFLICT.includes(code)) return 409
  if (FORBIDDEN.includes(code)) return 403
  return NOT_FOUND.includes(code) ? 404 : 422
}

/** What the ledger refused, as RFC 9457 has it; members of `detail` stand beside the fixed ones. */
export function refusalProblem(code: number, detail: Detail): Problem & Detail {
  const name = rejectName(code)
  const hint = rejectHint(code, detail)
  return {
    ...detail,
    type: `urn:icn:reject:${name}`,
    title: name,
    status: statusOf(code),
    detail: hint,
    code,
    name,
    hint,
  }
}

/** A refusal by the node itself, before or beside the ledger. */
export function nodeProblem(
  status: number,
  name: string,
  detail: string,
  hint: string,
  headers: Readonly<Record<string, string>> = {},
): RequestProblem {
  const problem = { type: `urn:icn:http:${name}`, title: name, status, detail, code: 0, name, hint }
  return new RequestProblem(problem, headers)
}

/** More comes in than blocks take. */
export const BUSY: Problem = {
  type: 'urn:icn:http:BUSY',
  title: 'BUSY',
  status: 429,
  detail: 'The node has as much work waiting as it may have.',
  code: 0,
  name: 'BUSY',
  hint: 'Nothing was checked or kept. Send the same bytes again in a second.',
}

/** Nobody makes a block of it now. */
export const UNAVAILABLE: Problem = {
  type: 'urn:icn:http:UNAVAILABLE',
  title: 'UNAVAILABLE',
  status: 503,
  detail: 'The node is closing, has halted, does not reach its CometBFT, or the network makes no block of this.',
  code: 0,
  name: 'UNAVAILABLE',
  hint: 'It may be committed all the same: send the same bytes to another node, or again when this one is back. DUPLICATE says that they were.',
}

export function notFound(what: string): RequestProblem {
  return nodeProblem(404, 'NOT_FOUND', `There is no such ${what} on this network.`, `Check the id of the ${what}.`)
}

/** For what happened before the blocks that this node keeps. @param from - the first height that it keeps */
export function notKept(from: number): RequestProblem {
  return nodeProblem(
    410,
    'NOT_KEPT',
    `This node keeps blocks from height ${from} on.`,
    'Ask a node that keeps the whole history.',
  )
}

/** For a body that the operation does not take by its content type. */
export function unsupportedMediaType(): RequestProblem {
  return nodeProblem(
    415,
    'UNSUPPORTED_MEDIA_TYPE',
    'The body is of a type that this node does not read.',
    'Send application/json, or application/octet-stream for signed bytes.',
  )
}

/** For many that there is no room for. */
export function busyForMany(): RequestProblem {
  return new RequestProblem(BUSY, { 'retry-after': '1' })
}

/** For an address that sends too much. */
export function tooManyRequests(seconds: number): RequestProblem {
  const { problem } = nodeProblem(
    429,
    'TOO_MANY_REQUESTS',
    'This address sends more than the node takes from one.',
    `Try again in ${seconds} s.`,
  )
  return new RequestProblem(problem, { 'retry-after': String(seconds) })
}
