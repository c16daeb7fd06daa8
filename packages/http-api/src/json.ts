import { TransactionReject } from '@icn/protocol'
import { nodeProblem, RequestProblem, refusalProblem } from './problem.ts'

const utf8 = new TextDecoder('utf-8', { fatal: true })

/**
 * Parses a JSON body without ever rounding: a number that is not written as a plain integer is refused, and one beyond
 * 2^53 is left for the schemas to refuse. Bytes that are no UTF-8 are refused too: nothing is signed that was guessed.
 */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes), keepIntegers)
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error
    throw nodeProblem(400, 'BAD_JSON', `The body is no JSON: ${error.message}`, 'Send one JSON document in UTF-8.')
  }
}

function keepIntegers(key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (key === '__proto__' || key === 'constructor' || key === 'prototype') {
    throw new RequestProblem(refusalProblem(TransactionReject.FORBIDDEN_KEY, { at: `/${key}` }))
  }
  if (typeof value !== 'number' || context?.source === undefined || /^-?(?:0|[1-9]\d*)$/.test(context.source)) {
    if (!Object.is(value, -0)) return value
  }
  throw new RequestProblem(refusalProblem(TransactionReject.BAD_AMOUNT, { at: `/${key}`, expected: 'an integer' }))
}
