import {
  ResponseApplySnapshotChunk_Result as Apply,
  ResponseOfferSnapshot_Result as Offer,
  type Request,
  type Response,
} from 'cosmjs-types/tendermint/abci/types'
import type { ChunkVerdict, Snapshots } from '../port.ts'

type OfferVerdict = Awaited<ReturnType<Snapshots['offer']>>

const OFFERED: Readonly<Record<OfferVerdict, Offer>> = {
  accept: Offer.ACCEPT,
  abort: Offer.ABORT,
  reject: Offer.REJECT,
  'reject-format': Offer.REJECT_FORMAT,
}

const APPLIED: Readonly<Record<ChunkVerdict['result'], Apply>> = {
  accept: Apply.ACCEPT,
  abort: Apply.ABORT,
  retry: Apply.RETRY,
  'retry-snapshot': Apply.RETRY_SNAPSHOT,
  'reject-snapshot': Apply.REJECT_SNAPSHOT,
}

/** The four calls of state sync. A node without snapshots has none to give, and takes none. */
export async function answerSnapshots(snapshots: Snapshots | undefined, request: Request): Promise<Response> {
  if (request.listSnapshots !== undefined) {
    const list = (await snapshots?.list()) ?? []
    return { listSnapshots: { snapshots: list.map((info) => ({ ...info, height: BigInt(info.height) })) } }
  }
  if (request.loadSnapshotChunk !== undefined) {
    const { height, format, chunk } = request.loadSnapshotChunk
    return { loadSnapshotChunk: { chunk: (await snapshots?.load(Number(height), format, chunk)) ?? new Uint8Array(0) } }
  }
  if (request.offerSnapshot !== undefined) {
    const { snapshot, appHash } = request.offerSnapshot
    const info = snapshot === undefined ? undefined : { ...snapshot, height: Number(snapshot.height) }
    const verdict = info === undefined ? 'reject' : ((await snapshots?.offer(info, appHash)) ?? 'abort')
    return { offerSnapshot: { result: OFFERED[verdict] } }
  }
  const { index = 0, chunk = new Uint8Array(0), sender = '' } = request.applySnapshotChunk ?? {}
  const verdict: ChunkVerdict = (await snapshots?.apply(index, chunk, sender)) ?? { result: 'abort' }
  const { refetchChunks = [], rejectSenders = [] } = verdict
  const lists = { refetchChunks: [...refetchChunks], rejectSenders: [...rejectSenders] }
  return { applySnapshotChunk: { result: APPLIED[verdict.result], ...lists } }
}
