import { fromBase64Url } from '@icn/crypto'
import { MAX_LIGHT_BLOCKS } from '@icn/protocol'
import { type LightBlockSource, LightLimits } from '@icn/protocol/light'

/** A node did not answer, or not what its interface promises. A block that it does not have is no such failure. */
export class PeerError extends Error {
  override readonly name = 'PeerError'
  readonly code = 'PEER'
}

/** What a node of the network has of the way from the genesis. Nothing of it is verified here. */
export interface PeerBlocks {
  /** Height of its last block. */
  height(): Promise<number>
  /** Heights of light blocks by which it proves its state, ascending; none where it cannot, or is of an older version. */
  pivots(): Promise<readonly number[]>
  readonly block: LightBlockSource
}

const TIMEOUT_MS = 15_000
/** A light block in base64url takes four thirds of its bytes. */
const MOST_BYTES = 2 * LightLimits.blockBytes

/**
 * @param node - address of a node, `https://north.example`
 * @param signal - ends everything that is asked for
 */
export function peerBlocksAt(node: string, signal: AbortSignal): PeerBlocks {
  const base = node.replace(/\/+$/, '')
  const ask = async (path: string) => askJson(`${base}${path}`, signal)

  return {
    height: async () => heightOf((await ask('/v1/network'))?.height),
    pivots: async () => {
      const heights = (await ask('/v1/network/trust-path'))?.heights ?? []
      if (!Array.isArray(heights) || heights.length > MAX_LIGHT_BLOCKS)
        throw new PeerError(`${base} answers no list of at most ${MAX_LIGHT_BLOCKS} heights`)
      return heights.map(heightOf)
    },
    block: async (height) => {
      const bytes = (await ask(`/v1/network/light-blocks/${height}`))?.bytes
      if (bytes === undefined) return undefined
      try {
        return fromBase64Url(String(bytes))
      } catch (cause) {
        throw new PeerError(`${base} answers no bytes for block ${height}`, { cause })
      }
    },
  }
}

/** `undefined` where the node refuses: it does not have what was asked for. */
async function askJson(url: string, signal: AbortSignal): Promise<Readonly<Record<string, unknown>> | undefined> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]) })
    const text = await boundedText(answer, MOST_BYTES)
    if (answer.status === 404 || answer.status === 503) return undefined
    if (!answer.ok) throw new PeerError(`${url} answered ${answer.status}`)
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>
    throw new PeerError(`${url} answered no object`)
  } catch (cause) {
    if (cause instanceof PeerError) throw cause
    throw new PeerError(`${url} does not answer: ${reasonOf(cause as Error)}`, { cause })
  }
}

function reasonOf({ message, cause }: Error): string {
  return cause instanceof Error ? cause.message : message
}

/** Reads no more than so many bytes of an answer. @throws PeerError where there are more */
export async function boundedText(answer: Response, mostBytes: number): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of answer.body ?? []) {
    length += part.length
    if (length > mostBytes) throw new PeerError(`${answer.url} answered with more than ${mostBytes} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString('utf8')
}

function heightOf(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value
  throw new PeerError(`an answer with ${JSON.stringify(value)} where a height belongs`)
}
