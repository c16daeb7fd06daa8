import { fromHex, toHex } from '@icn/crypto'
import { type Genesis, isOfSeveral } from './genesis.ts'
import { decodeSignedHeader, MalformedHeader, signedPower } from './header.ts'

/**
 * Where a network of several nodes goes on from what one node made alone: the last block of that node. It proves what was
 * before by its own signature; the header of the next block, which the same validators sign for CometBFT, names the same root.
 */
export interface Continuation {
  readonly height: number
  readonly timeMs: number
  /** Root of the state after that block, 32 bytes. */
  readonly appHash: Uint8Array
  /** Signed header bytes. */
  readonly header: Uint8Array
}

/** As it stands in files. */
export interface ContinuationText {
  readonly height: number
  /** Hex, as the header has it: for people. */
  readonly appHash: string
  /** Hex. */
  readonly header: string
}

/** Bytes that are no last block of this network. */
export class MalformedContinuation extends Error {
  override readonly name = 'MalformedContinuation'
  readonly code = 'BAD_CONTINUATION'
}

/** A header of 1,000 signatures. */
const MAX_HEX_CHARS = 512 * 1024

export function continuationText({ height, appHash, header }: Continuation): ContinuationText {
  return { height, appHash: toHex(appHash), header: toHex(header) }
}

/**
 * Checks that more than two thirds of the genesis validators signed the block.
 *
 * @param header - signed header bytes
 * @throws MalformedContinuation
 */
export function continuationOf(header: Uint8Array, genesis: Genesis): Continuation {
  if (isOfSeveral(genesis))
    throw new MalformedContinuation('the genesis is of a network of several nodes: none made its first blocks alone')
  const signed = decode(header)
  const { chainId, height, timeMs, appHash } = signed.header
  if (chainId !== genesis.chainId)
    throw new MalformedContinuation(`the last block is of ${chainId}, expected ${genesis.chainId}`)
  const power = signedPower(signed, genesis.validators)
  if (3 * power.signed <= 2 * power.total)
    throw new MalformedContinuation(
      `${power.signed} of ${power.total} of the power in the genesis signed block ${height}; more than two thirds must`,
    )
  return { height, timeMs, appHash, header }
}

/**
 * Reads what a file says.
 *
 * @throws MalformedContinuation
 */
export function readContinuation(value: unknown, genesis: Genesis): Continuation {
  const { height, appHash, header } = typeof value === 'object' && value !== null ? (value as ContinuationText) : {}
  if (typeof header !== 'string' || header.length > MAX_HEX_CHARS || !/^(?:[0-9a-f]{2})+$/.test(header))
    throw new MalformedContinuation('expected height, appHash and header of the last block')
  const continuation = continuationOf(fromHex(header), genesis)
  if (continuation.height === height && toHex(continuation.appHash) === appHash) return continuation
  throw new MalformedContinuation(`the header is of block ${continuation.height}, the file says ${height} ${appHash}`)
}

function decode(header: Uint8Array): ReturnType<typeof decodeSignedHeader> {
  try {
    return decodeSignedHeader(header)
  } catch (cause) {
    if (cause instanceof MalformedHeader) throw new MalformedContinuation(cause.message, { cause })
    throw cause
  }
}
