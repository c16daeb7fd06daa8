import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeCanonical, sha256 } from '@icn/crypto'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import { joinSigned, parseTransaction, rejects, signTransaction, TransactionReject } from '@icn/protocol'
import { createMachine } from '@icn/state-machine'
import { arbitraryTransaction, createRandom } from '@icn/testkit'
import fc from 'fast-check'
import { founding, givenNetwork, givenSigner, proposing } from '../../testkit/src/given-network.ts'
import { openMemory, openSqlite } from '../../testkit/src/given-store.ts'
import { createApplication } from '../src/index.ts'
import { createSolo } from '../src/solo/index.ts'
import { type Ledger, withLedger } from './given-ledger.ts'

const CODES = new Set<number>(Object.values(rejects))
/** Order of the curve's group: S + L is the other S that a careless verifier takes for the same signature. */
const GROUP_ORDER = 2n ** 252n + 27_742_317_777_372_353_535_851_937_790_883_648_493n

/** Proves that no call takes any of these, and that each answers with a code and the hash. */
async function checkRefused(
  { application, next }: Ledger,
  list: readonly Uint8Array[],
  about: string,
): Promise<number[]> {
  const checks = await Promise.all(list.map((bytes) => application.checkTx(bytes, 'new')))
  const { txs, refused } = await application.prepareProposal({ ...next(list), maxTxBytes: 100_000_000 })
  assert.deepEqual([txs.length, refused.length], [0, list.length], about)
  for (const [index, bytes] of list.entries()) {
    const check = checks[index]
    assert.ok(check !== undefined && !check.ok && CODES.has(check.code), `${about}, item ${index}`)
    assert.deepEqual(check.hash, sha256(bytes))
    assert.equal(refused[index]?.check.code, check.code, `${about}, item ${index}`)
    assert.equal(await application.processProposal(next([bytes])), false, `${about}, item ${index}`)
  }
  return checks.map((check) => (check.ok ? 0 : check.code))
}

test('with any byte changed, a valid transaction is accepted nowhere; unchanged it is', () =>
  withLedger(openSqlite, async (ledger) => {
    const seed = Date.now() % 1_000_000
    const random = createRandom(seed)
    const ana = givenSigner('ana')
    const { final } = await ledger.commitBlock([ana.sign(founding())])
    const org = String(final.results[0]?.result.org)
    const valid = [
      givenSigner('ben').sign(founding()),
      ana.sign(proposing(org)),
      givenSigner('eve').sign({ kind: 'member.apply', org, name: 'Eve', statement: '', invitation: null }),
    ]
    const codes = new Set<number>()
    for (const bytes of valid) {
      const changed = Array.from(bytes, (byte, place) => {
        const copy = Uint8Array.from(bytes)
        copy[place] = byte ^ (1 + random.below(255))
        return copy
      })
      for (const code of await checkRefused(ledger, changed, `seed ${seed}`)) codes.add(code)
      assert.equal((await ledger.application.checkTx(bytes, 'new')).ok, true)
      await checkRefused(ledger, [random.pick(changed)], `seed ${seed}, after the valid one`)
    }
    assert.ok(codes.has(TransactionReject.BAD_SIGNATURE) && codes.size > 2, `seed ${seed}: ${[...codes]}`)
    assert.equal(await ledger.application.processProposal(ledger.next(valid)), true)
  }))

test('a signature in another form, cut, longer or of another message is none', () =>
  withLedger(openMemory, async (ledger) => {
    const parsed = parseTransaction(givenSigner('ana').sign(founding()))
    assert.ok(parsed.ok)
    const { payload, signature } = parsed.parsed
    const highS = Buffer.from(signature)
    let s = BigInt(`0x${Buffer.from(signature.subarray(32)).reverse().toString('hex')}`) + GROUP_ORDER
    for (let place = 32; place < 64; place++, s >>= 8n) highS[place] = Number(s & 255n)
    const others = [highS, new Uint8Array(64), signature.subarray(0, 63), Buffer.concat([signature, new Uint8Array(1)])]
    const forms = others.map((other) => joinSigned(payload, Uint8Array.from(other)))
    const codes = await checkRefused(ledger, forms, 'other forms')
    assert.deepEqual(codes, Array(4).fill(TransactionReject.BAD_SIGNATURE))
    await checkRefused(ledger, [encodeCanonical([payload]), encodeCanonical([payload, signature, signature])], 'lists')
    assert.ok((await ledger.application.checkTx(joinSigned(payload, signature), 'new')).ok)
  }))

test('whatever bytes come in, checks answer with a code', () =>
  withLedger(openMemory, async (ledger) => {
    const broken = arbitraryTransaction.chain(({ tx, seed }) => {
      const bytes = signTransaction(tx, seed)
      const cut = fc.nat(bytes.length - 1).map((end) => bytes.subarray(0, end))
      const spliced = fc
        .tuple(fc.nat(bytes.length), fc.nat(bytes.length), fc.uint8Array({ maxLength: 8 }))
        .map(([from, to, other]) => Uint8Array.from([...bytes.subarray(0, from), ...other, ...bytes.subarray(to)]))
      return fc.oneof(fc.constant(bytes), cut, spliced)
    })
    const any = fc.oneof(fc.uint8Array({ maxLength: 300 }), broken)
    await fc.assert(
      fc.asyncProperty(fc.array(any, { minLength: 1, maxLength: 20 }), async (list) => {
        await checkRefused(ledger, list, 'hostile')
        // What never passed is not rechecked by any engine; if one does, it gets an answer all the same.
        for (const bytes of list) {
          const check = await ledger.application.checkTx(bytes, 'recheck')
          assert.ok(check.ok || CODES.has(check.code))
        }
      }),
      { numRuns: 100 },
    )
  }))

test('more signatures than the pool takes at once are checked all the same, and the node goes on', async () => {
  const { genesis, validatorSeed } = givenNetwork()
  const machine = createMachine({ genesis })
  const { store, dispose } = openMemory(machine.modules)
  const verifyPool = createVerifyPool({ maxWaitingItems: 8, maxWaitingBytes: 4_000 })
  const application = createApplication({ machine, store, verifyPool })
  const solo = createSolo({ application, genesis, validatorSeed, committed: store.committed() })
  try {
    const list = Array.from({ length: 40 }, (_, index) => givenSigner(`p${index}`).sign(founding()))
    const forged = list.map((bytes) => Uint8Array.from([...bytes.subarray(0, -1), (bytes.at(-1) ?? 0) ^ 1]))
    const answers = await solo.submitMany([...forged, ...list], 'committed')
    const codes = answers.map((answer) => (answer.ok ? 0 : answer.code))
    assert.deepEqual(codes, [...Array(40).fill(TransactionReject.BAD_SIGNATURE), ...Array(40).fill(0)])
  } finally {
    await solo.close()
    await verifyPool.close()
    await dispose()
  }
})
