import assert from 'node:assert/strict'
import { setTimeout as elapsed } from 'node:timers/promises'
import { sha256 } from '@icn/crypto'
import { founding, givenSigner } from '../../testkit/src/given-network.ts'
import { openMemory } from '../../testkit/src/given-store.ts'
import type { Broadcast } from '../src/cometbft/broadcaster.ts'
import { createSubmissions, type Submissions } from '../src/cometbft/submissions.ts'
import { type WatchedApplication, watchApplication } from '../src/cometbft/watch-application.ts'
import type { Application, CheckResult, CommittedBlock } from '../src/index.ts'
import { type Ledger, withLedger } from './given-ledger.ts'

type Pending = ReturnType<Submissions['add']>

export interface Watched {
  readonly ledger: Ledger
  readonly submissions: Submissions
  readonly line: WatchedApplication['line']
  readonly blocks: readonly CommittedBlock[]
  /** A client of this node hands them in. */
  take(bytes: Uint8Array): Pending
  /** CometBFT asks about an entry of its pool. */
  ask(entry: Uint8Array, kind?: 'new' | 'recheck'): Promise<CheckResult>
  /** Finalizes and commits what somebody proposed. */
  decide(txs: readonly Uint8Array[]): Promise<void>
  propose(): Promise<Uint8Array[]>
  /** Entries that CometBFT was handed, since this was asked last. */
  sent(): Promise<readonly Uint8Array[]>
  /** What happens outside. */
  readonly outside: { isAlone: boolean; says: Broadcast; proposes: boolean }
}

/** Verification takes a while in its thread; nothing else does. */
const VERIFIED_MS = 500

export interface WatchedOptions {
  readonly poolSize?: number
  readonly isAlone?: boolean
  readonly around?: (application: Application) => Partial<Application>
}

/** The calls that CometBFT makes, made by the test; this node is one of several validators where nothing else is said. */
export function withWatched(work: (given: Watched) => Promise<void>, options: WatchedOptions = {}): Promise<void> {
  const { poolSize = 100, isAlone = false, around = () => ({}) } = options
  return withLedger(openMemory, async (ledger) => {
    const submissions = createSubmissions()
    const blocks: CommittedBlock[] = []
    const outside: Watched['outside'] = { isAlone, says: 'taken', proposes: true }
    let handed: Uint8Array[] = []
    const { application, line } = watchApplication({
      application: { ...ledger.application, ...around(ledger.application) },
      submissions,
      poolSize,
      send: async (entry) => {
        handed.push(entry)
        return outside.says
      },
      isAlone: () => outside.isAlone,
      proposes: () => outside.proposes,
      onAdmitted: () => {},
      onBlock: (block) => void blocks.push(block),
      hasFailed: () => false,
      onFailure: (error) => assert.fail(String(error)),
    })
    const take: Watched['take'] = (bytes) => {
      const pending = submissions.add(bytes, sha256(bytes))
      void line.take(bytes, sha256(bytes))
      return pending
    }
    const decide = async (txs: readonly Uint8Array[]) => {
      await application.finalizeBlock(ledger.next(txs))
      await application.commit({ hash: sha256(Uint8Array.of(blocks.length)), header: new Uint8Array(0) })
    }
    const propose = async () =>
      (await application.prepareProposal({ ...ledger.next([]), maxTxBytes: 1_000_000 })).txs.map((bytes) =>
        Uint8Array.from(bytes),
      )
    const ask: Watched['ask'] = (entry, kind = 'new') => application.checkTx(entry, kind)
    const sent = async () => {
      for (let tries = 0; handed.length === 0 && tries < VERIFIED_MS; tries++) await elapsed(1)
      const list = handed.map((entry) => Uint8Array.from(entry))
      handed = []
      return list
    }
    await work({ ledger, submissions, line, blocks, take, ask, decide, propose, sent, outside })
  })
}

export function signedBy(...names: readonly string[]): [Uint8Array, Uint8Array, Uint8Array] {
  return names.map((name) => givenSigner(name).sign(founding())) as [Uint8Array, Uint8Array, Uint8Array]
}

export function codeOf(answer: CheckResult | undefined): number | 'none' {
  return answer === undefined || answer.ok ? 'none' : answer.code
}
