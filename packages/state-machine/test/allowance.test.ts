import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Bucket, refill, refillsAtMs, takeOne } from '../src/allowance.ts'

const HOUR = 3_600_000
const START = 1_700_000_000_000
const rates = fc.record({ burst: fc.integer({ min: 1, max: 1e9 }), perHour: fc.integer({ min: 1, max: 1e9 }) })

test('a bucket never touched is full, and never holds more than the burst', () => {
  fc.assert(
    fc.property(rates, fc.nat(1e9), fc.nat(1e9), (allowance, spent, elapsedMs) => {
      const full = refill({ micro: 0, timeMs: 0 }, allowance, START)
      assert.equal(full.micro, allowance.burst * 1e6)
      const used: Bucket = { micro: Math.max(0, full.micro - spent), timeMs: START }
      const later = refill(used, allowance, START + elapsedMs)
      assert.ok(later.micro >= used.micro && later.micro <= full.micro && Number.isSafeInteger(later.micro))
    }),
  )
})

test('what an hour gives is what the rate says, to a millionth of a transaction', () => {
  fc.assert(
    fc.property(rates, fc.nat(10 * HOUR), (allowance, elapsedMs) => {
      const { micro } = refill({ micro: 0, timeMs: START }, allowance, START + elapsedMs)
      const exact = (BigInt(elapsedMs) * BigInt(allowance.perHour) * 1_000_000n) / BigInt(HOUR)
      const capped = exact > BigInt(allowance.burst) * 1_000_000n ? allowance.burst * 1e6 : Number(exact)
      assert.ok(Math.abs(micro - capped) <= 1, `${micro} for ${capped}`)
    }),
  )
})

test('an empty bucket says when it holds one again, and holds one then and not a millisecond earlier', () => {
  fc.assert(
    fc.property(rates, fc.nat(999_999), (allowance, micro) => {
      const bucket = { micro, timeMs: START }
      assert.equal(takeOne(bucket), undefined)
      const readyMs = refillsAtMs(bucket, allowance)
      assert.notEqual(takeOne(refill(bucket, allowance, readyMs)), undefined)
      assert.equal(takeOne(refill(bucket, allowance, readyMs - 1)), undefined)
    }),
  )
})
