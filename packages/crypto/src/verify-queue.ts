import { isPackable, packBatch, packedBytes, type VerifyItem } from './verify-batch.ts'

/** One call of `verify`, which may be spread over several batches. */
interface Request {
  readonly items: readonly VerifyItem[]
  readonly verdicts: boolean[]
  /** Items not yet taken into a batch begin here. */
  next: number
  left: number
  readonly resolve: (verdicts: boolean[]) => void
  readonly reject: (error: Error) => void
}

/** Items on their way to a worker, and whose they are. */
export interface Batch {
  readonly buffer: ArrayBuffer
  readonly places: readonly { readonly request: Request; readonly index: number }[]
}

/** Calls in order of arrival, cut into batches. */
export interface VerifyQueue {
  readonly waiting: () => { readonly items: number; readonly bytes: number }
  readonly add: (items: readonly VerifyItem[]) => Promise<boolean[]>
  readonly take: (maxItems: number, maxBytes: number) => Batch | undefined
  readonly settle: (batch: Batch, verdicts: Uint8Array) => void
  readonly fail: (batches: Iterable<Batch>, error: Error) => void
}

export function createVerifyQueue(): VerifyQueue {
  let requests: Request[] = []
  let waitingItems = 0
  let waitingBytes = 0

  function add(items: readonly VerifyItem[]): Promise<boolean[]> {
    if (items.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      const verdicts = new Array<boolean>(items.length).fill(false)
      requests.push({ items, verdicts, next: 0, left: items.length, resolve, reject })
      waitingItems += items.length
      for (const item of items) waitingBytes += packedBytes(item)
    })
  }

  /** The next items in order, at least one; those that cannot be packed are settled here, as invalid. */
  function take(maxItems: number, maxBytes: number): Batch | undefined {
    const items: VerifyItem[] = []
    const places: Batch['places'][number][] = []
    let bytes = 0
    let request = requests[0]
    while (request !== undefined && items.length < maxItems && bytes < maxBytes) {
      const index = request.next++
      const item = request.items[index] as VerifyItem
      waitingItems--
      waitingBytes -= packedBytes(item)
      if (isPackable(item)) {
        bytes += packedBytes(item)
        items.push(item)
        places.push({ request, index })
      } else finish(request)
      if (request.next === request.items.length) {
        requests.shift()
        request = requests[0]
      }
    }
    return items.length === 0 ? undefined : { buffer: packBatch(items), places }
  }

  function settle(batch: Batch, verdicts: Uint8Array): void {
    for (let i = 0; i < batch.places.length; i++) {
      const place = batch.places[i]
      if (place === undefined) continue
      place.request.verdicts[place.index] = verdicts[i] === 1
      finish(place.request)
    }
  }

  function finish(request: Request): void {
    request.left--
    if (request.left === 0) request.resolve(request.verdicts)
  }

  function fail(batches: Iterable<Batch>, error: Error): void {
    for (const batch of batches) for (const { request } of batch.places) request.reject(error)
    for (const request of requests) request.reject(error)
    requests = []
    waitingItems = 0
    waitingBytes = 0
  }

  return { waiting: () => ({ items: waitingItems, bytes: waitingBytes }), add, take, settle, fail }
}
