import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { toHex } from '@icn/crypto'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import { type Ballot, type Bodies, Limits, type Method } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import { proposals } from '@icn/state-machine/governance'
import { createOverlay, NOTHING_REPORTED } from '@icn/state-machine/kernel'
import { createRandom, type Random, SIMULATED_START_MS } from '@icn/testkit'
import { founding, givenNetwork, givenSigner, proposing, type Signer } from '../../testkit/src/given-network.ts'
import { type OpenStore, openMemory, openSqlite } from '../../testkit/src/given-store.ts'
import { createApplication, type FinalizedBlock } from '../src/index.ts'

/** So little that a count of a few ballots takes several blocks. */
const LITTLE = [1, 3_000, 20_000] as const
const ROUNDS = 6
const VOTERS = 7
const VOTING_MS = 60_000
const METHODS: readonly Method[] = [
  'yes-no',
  'approval',
  'schulze',
  'irv',
  'stv',
  'equal-shares',
  'irv',
  'equal-shares',
]

const verifyPool = createVerifyPool()
after(() => verifyPool.close())

interface Recorded {
  readonly txs: readonly Uint8Array[]
  readonly timeMs: number
}

/** A node that is told which blocks there are. */
interface Follower {
  add(block: Recorded): Promise<FinalizedBlock>
  /** As after the end of the process: with nothing but what was committed. */
  restart(): Promise<void>
  /** What became of the votes. */
  decisions(): readonly (readonly [status: string | undefined, result: unknown])[]
  isCounting(): boolean
  roots: string[]
  dispose(): Promise<void>
}

function follow(openStore: OpenStore, countUnitsPerBlock: number, ids: readonly string[] = []): Follower {
  const { genesis } = givenNetwork({ memberAllowance: { burst: 1_000, perHour: 1_000 } })
  const machineAnew = () => createMachine({ genesis, countUnitsPerBlock })
  const opened = openStore(machineAnew().modules)
  const start = () => {
    const machine = machineAnew()
    return { machine, application: createApplication({ machine, store: opened.store, verifyPool }) }
  }
  let now = start()
  const roots: string[] = []
  const rows = () => createOverlay(opened.store).open(proposals)
  return {
    roots,
    add: async ({ txs, timeMs }) => {
      const height = opened.store.committed().height + 1
      const final = await now.application.finalizeBlock({ txs, height, timeMs, report: NOTHING_REPORTED })
      await now.application.commit({ hash: final.appHash, header: final.appHash })
      roots.push(toHex(final.appHash))
      now.machine.checkInvariants(createOverlay(opened.store))
      return final
    },
    restart: async () => {
      await opened.restart()
      now = start()
    },
    decisions: () => ids.map((id) => [rows().get({ id })?.status, rows().get({ id })?.result]),
    isCounting: () => [...rows().scan([])].some(({ status }) => status === 'voting' || status === 'counting'),
    dispose: () => opened.dispose(),
  }
}

const vote = (proposal: string, ballot: Ballot): Bodies['vote.cast'] => ({
  kind: 'vote.cast',
  proposal,
  ballot,
  reason: '',
})

function settingsOf(random: Random): Partial<Bodies['proposal.new']> & { readonly method: Method } {
  const method = random.pick(METHODS)
  const isBudget = method === 'equal-shares'
  const count = method === 'yes-no' ? 0 : 3 + random.below(4)
  const options = Array.from({ length: count }, (_, index) => ({
    label: `Option ${index}`,
    actions: [],
    costMinor: isBudget ? 1 + random.below(40) : 0,
  }))
  const seats = method === 'stv' ? 1 + random.below(count - 1) : 1
  const type = isBudget ? 'budget' : 'standard'
  return { method, type, options, seats, budgetMinor: isBudget ? 60 : 0, discussionMs: 0, votingMs: VOTING_MS }
}

function ballotFor(random: Random, { method, options = [] }: ReturnType<typeof settingsOf>): Ballot {
  if (method === 'yes-no') return random.pick(['yes', 'no', 'abstain'] as const)
  const some = random.shuffle(options.map((_, index) => index)).slice(0, random.below(options.length + 1))
  return method === 'approval' || method === 'equal-shares' ? some : some.map((option) => [option])
}

/** Votes of a cooperative by random methods, and then blocks until they are counted. */
async function record(random: Random, follower: (ids: readonly string[]) => Follower) {
  const blocks: Recorded[] = []
  const ids: string[] = []
  const producer = follower(ids)
  let timeMs = SIMULATED_START_MS
  const block = async (txs: readonly Uint8Array[]) => {
    timeMs += 1_000
    const made = { txs, timeMs }
    blocks.push(made)
    const { results } = await producer.add(made)
    assert.ok(
      results.every(({ code }) => code === 0),
      `refused: ${results.map(({ code }) => code)}`,
    )
    return results.map(({ result }) => result)
  }
  const people: Signer[] = Array.from({ length: VOTERS }, (_, index) => givenSigner(`voter ${index}`))
  const [ana, ...others] = people as [Signer, ...Signer[]]
  const [{ org = '' } = {}] = await block([ana.sign(founding('Bakery', { openProposalsPerMember: 9 }))])
  const applying = { kind: 'member.apply', org: String(org), name: 'Ben', statement: '', invitation: null } as const
  await block(others.map((who) => who.sign(applying)))
  await block(others.map(({ did }) => ana.sign({ kind: 'member.admit', org: String(org), member: did })))
  const votes = Array.from({ length: 3 }, () => settingsOf(random))
  const made = await block(votes.map((settings) => ana.sign(proposing(String(org), settings))))
  ids.push(...made.map(({ proposal }) => String(proposal)))
  for (let round = 0; round < 2; round++) {
    const ballots = people.flatMap((who) =>
      ids.map((id, index) => who.sign(vote(id, ballotFor(random, votes[index] as (typeof votes)[number])))),
    )
    await block(ballots)
  }
  timeMs = (blocks[3]?.timeMs ?? 0) + VOTING_MS - 1_000
  while (producer.isCounting()) {
    await block([])
    assert.ok(blocks.length < 3_000, 'every count ends')
  }
  return { producer, blocks, ids }
}

test('counts over many blocks give what one block gives, and equal roots in both stores, restarted after every block', async (t) => {
  const seed = Date.now() % 1_000_000
  const random = createRandom(seed)
  let spread = 0
  for (let round = 0; round < ROUNDS; round++) {
    const units = LITTLE[round % LITTLE.length] ?? 1
    const about = `seed ${seed}, round ${round}`
    const { producer, blocks, ids } = await record(random, (known) => follow(openMemory, units, known))
    const followers = [openMemory, openSqlite].map((open) => follow(open, units, ids))
    const atOnce = follow(openMemory, Limits.countUnitsPerBlock, ids)
    for (const block of blocks) {
      for (const follower of followers) {
        await follower.add(block)
        await follower.restart()
      }
      // Votes are refused nowhere, so that blocks after the count are empty ones.
      await atOnce.add(block)
    }
    for (const follower of followers) {
      assert.deepEqual(follower.roots, producer.roots, about)
      assert.deepEqual(follower.decisions(), producer.decisions(), about)
    }
    assert.deepEqual(atOnce.decisions(), producer.decisions(), about)
    assert.ok(producer.decisions().every(([status]) => status !== undefined && status !== 'counting'))
    spread += blocks.length - 7
    for (const follower of [producer, atOnce, ...followers]) await follower.dispose()
  }
  assert.ok(spread > ROUNDS, `seed ${seed}: too few blocks to prove anything`)
  t.diagnostic(`seed ${seed}: ${spread} blocks of counting in ${ROUNDS} rounds`)
})
