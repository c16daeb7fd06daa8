import assert from 'node:assert/strict'
import { generateSeed, publicKeyFromSeed, sha256 } from '@icn/crypto'
import {
  type Bodies,
  type Body,
  defaultParams,
  didFromPublicKey,
  type Genesis,
  publicKeyToText,
  rejectName,
  type Transaction,
} from '@icn/protocol'
import { createMachine, endOfBlock, type MachineOptions } from '../src/index.ts'
import {
  createOverlay,
  emptyReader,
  type LedgerEvent,
  NOTHING_REPORTED,
  type Outcome,
  type State,
  type ValidatorReport,
} from '../src/kernel/index.ts'

export const CHAIN = 'icn-scene'
export const START = 1_700_000_000_000
export const HOUR = 3_600_000
export const DAY = 24 * HOUR

export interface Person {
  readonly did: string
  readonly keyId: string
  readonly seed: Uint8Array
}

export function person(): Person {
  const seed = generateSeed()
  const publicKey = publicKeyFromSeed(seed)
  return { did: didFromPublicKey(publicKey), keyId: publicKeyToText(publicKey), seed }
}

/**
 * A network in memory: each act is a block of its own, an hour has no outage in it.
 *
 * @param options - of the machine
 * @param change - of the genesis
 */
export function createScene(options: Omit<MachineOptions, 'genesis'> = {}, change: Partial<Genesis> = {}) {
  const validator = { name: 'v', publicKey: publicKeyToText(publicKeyFromSeed(generateSeed())), power: 1 }
  const genesis: Genesis = {
    chainId: CHAIN,
    name: 'Scene',
    timeMs: START,
    validators: [validator],
    params: defaultParams,
    ...change,
  }
  let machine = createMachine({ genesis, ...options })
  const state = createOverlay(emptyReader)
  const codes = new Set<number>()
  let timeMs = START
  let height = 0
  let nonce = 0

  /** Executes as the signer's next transaction; the signature counts as given. */
  function act(who: Pick<Person, 'did' | 'keyId'>, body: Body): Outcome {
    height++
    const sequence = sequenceOf(state, who.did)
    const tx: Transaction = {
      chainId: CHAIN,
      signer: who.did,
      keyId: who.keyId,
      sequence,
      expiryHeight: height + 10,
      body,
    }
    const hash = sha256(new TextEncoder().encode(`scene ${nonce++}`))
    const empty = new Uint8Array(0)
    const block = { chainId: CHAIN, height, timeMs, index: 0, seed: hash, rules: machine.rulesAt(height, state) }
    const outcome = machine.execute(
      { tx, payload: empty, signature: empty, bytes: empty, hash },
      block,
      state,
      () => true,
    )
    if (outcome.ok) machine.endBlock(endOf(1), state, NOTHING_REPORTED)
    else codes.add(outcome.code)
    return outcome
  }

  const endOf = (transactions: number) =>
    endOfBlock(CHAIN, { height, timeMs }, transactions, machine.rulesAt(height, state))

  function does(who: Person, body: Body): Readonly<Record<string, string | number>> {
    const outcome = act(who, body)
    assert.ok(
      outcome.ok,
      outcome.ok ? '' : `${body.kind} was refused: ${rejectName(outcome.code)} ${JSON.stringify(outcome.detail)}`,
    )
    return outcome.result
  }

  /** Proves that the refusal has this code, and that nothing at all was changed by it. */
  function refuses(who: Pick<Person, 'did' | 'keyId'>, body: Body, code: number): void {
    const before = state.changes()
    const outcome = act(who, body)
    assert.equal(outcome.ok ? 'accepted' : rejectName(outcome.code), rejectName(code))
    assert.deepEqual(state.changes(), before)
  }

  /** Lets time pass in steps without an outage, each with a block. */
  function passes(ms: number): LedgerEvent[] {
    const events: LedgerEvent[] = []
    for (const end = timeMs + ms; timeMs < end; ) {
      timeMs = Math.min(end, timeMs + HOUR)
      height++
      events.push(...machine.endBlock(endOf(0), state, NOTHING_REPORTED))
    }
    machine.checkInvariants(state)
    return events
  }

  /** One block without transactions, a second after the last, with what consensus tells of the validators. */
  function block(report: Partial<ValidatorReport> = {}): readonly LedgerEvent[] {
    height++
    timeMs += 1_000
    return machine.endBlock(endOf(0), state, { ...NOTHING_REPORTED, ...report })
  }

  /** One more block at the same time, without transactions. */
  function idles(): readonly LedgerEvent[] {
    height++
    const events = machine.endBlock(endOf(0), state, NOTHING_REPORTED)
    machine.checkInvariants(state)
    return events
  }

  /** The state stays, what the machine has in memory is lost. */
  function restarts(): void {
    machine = createMachine({ genesis, ...options })
  }

  return {
    get machine() {
      return machine
    },
    state,
    codes,
    act,
    does,
    refuses,
    block,
    genesis,
    height: () => height,
    passes,
    idles,
    restarts,
    now: () => timeMs,
  }
}

export type Scene = ReturnType<typeof createScene>

function sequenceOf(state: State, did: string): number {
  for (const change of (state as ReturnType<typeof createOverlay>).changes()) {
    if (change.table.name === 'signer' && change.key[0] === did) return Number(change.row?.sequence ?? 0)
  }
  return 0
}

export const founding = (charter: Bodies['org.found']['charter'] = {}): Body => ({
  kind: 'org.found',
  name: 'Bakery',
  orgKind: 'cooperative',
  founderName: 'Ana',
  charter,
})

/** A cooperative of a founder and others who applied and were admitted. */
export function cooperative(scene: Scene, others: number, charter: Bodies['org.found']['charter'] = {}) {
  const founder = person()
  const org = String(scene.does(founder, founding(charter)).org)
  const people = Array.from({ length: others }, person)
  for (const other of people) {
    scene.does(other, { kind: 'member.apply', org, name: 'Ben', statement: '', invitation: null })
    scene.does(founder, { kind: 'member.admit', org, member: other.did })
  }
  return { founder, org, people }
}

export function proposing(org: string, change: Partial<Bodies['proposal.new']> = {}): Bodies['proposal.new'] {
  const settings = {
    options: [],
    actions: [],
    seats: 1,
    maxScore: 0,
    budgetMinor: 0,
    discussionMs: null,
    votingMs: DAY,
    amends: null,
  }
  return {
    kind: 'proposal.new',
    org,
    type: 'standard',
    title: 'Oven',
    text: '',
    method: 'yes-no',
    ...settings,
    ...change,
  }
}
