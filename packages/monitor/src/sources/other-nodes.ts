import { fields, integer, text } from '../collect/shapes.ts'
import type { OtherNode } from '../status.ts'
import { type Fetch, fetchText } from './fetch-text.ts'

export interface OwnPlace {
  readonly height: number
  /** The root after a height, in hex. */
  readonly appHashAt: (height: number) => string | undefined
  readonly nowMs: () => number
}

/** Asks other nodes of the network where they stand, and compares their root with ours at the lower of both heights. */
export function readOtherNodes(urls: readonly string[], own: OwnPlace, fetchWith: Fetch): Promise<OtherNode[]> {
  return Promise.all(urls.map((url) => readNode(url, own, fetchWith)))
}

async function readNode(url: string, own: OwnPlace, fetchWith: Fetch): Promise<OtherNode> {
  const beforeMs = own.nowMs()
  const answer = await fetchText(fetchWith, `${url}/v1/network`)
  const network = fields(parse(answer?.text))
  const height = integer(network.height)
  if (answer === undefined || height === undefined)
    return { url, answers: false, height: null, version: null, sameRoot: null, clockMs: null }
  const middleMs = (beforeMs + own.nowMs()) / 2
  const dateMs = Date.parse(answer.date ?? '')
  return {
    url,
    answers: true,
    height,
    version: text(network.version) ?? null,
    sameRoot: await compare(url, height, text(network.appHash), own, fetchWith),
    // The header counts whole seconds: half of one is the best guess of the rest.
    clockMs: Number.isNaN(dateMs) ? null : Math.round(dateMs + 500 - middleMs),
  }
}

async function compare(
  url: string,
  height: number,
  appHash: string | undefined,
  own: OwnPlace,
  fetchWith: Fetch,
): Promise<boolean | null> {
  const common = Math.min(height, own.height)
  const ours = own.appHashAt(common)
  if (ours === undefined) return null
  if (common === height) return appHash === undefined ? null : appHash === ours
  const block = await fetchText(fetchWith, `${url}/v1/blocks/${common}`)
  const theirs = text(fields(parse(block?.text)).appHash)
  return theirs === undefined ? null : theirs === ours
}

function parse(body: string | undefined): unknown {
  try {
    return body === undefined ? undefined : JSON.parse(body)
  } catch {
    // Something else answers there.
    return undefined
  }
}
