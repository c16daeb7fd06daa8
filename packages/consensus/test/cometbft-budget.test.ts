import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createBlockBudget } from '../src/cometbft/block-budget.ts'

/** What a block may hold after these, each with its transactions and milliseconds. */
function mostAfter(blocks: readonly (readonly [transactions: number, tookMs: number])[]): number {
  const budget = createBlockBudget()
  for (const [index, [transactions, tookMs]] of blocks.entries()) {
    budget.begin(index + 1, 1_000 * index)
    budget.end(index + 1, transactions, 1_000 * index + tookMs)
  }
  return budget.most()
}

for (const [name, blocks, most] of [
  ['a beginning without experience', [], 1_500],
  ['blocks that take their time make it smaller', Array(20).fill([1_500, 3_000]), 500],
  ['quick ones larger', Array(20).fill([1_500, 500]), 2_999],
  ['one alone moves it half the way', [[1_000, 2_000]], 750],
  ['small ones teach nothing', Array(20).fill([199, 3_000]), 1_500],
  ['never less than the least', Array(20).fill([300, 60_000]), 250],
  ['never more than the most', Array(20).fill([300, 0]), 5_000],
  ['a clock that goes back is no error', [[300, -5_000]], 3_000],
] as const) {
  test(`block budget: ${name}`, () => {
    assert.equal(mostAfter(blocks), most)
  })
}

test('block budget: further rounds of a height count from the first, a block nobody saw begin not at all', () => {
  const budget = createBlockBudget()
  budget.begin(1, 0)
  budget.begin(1, 1_900)
  budget.end(1, 1_000, 2_000)
  assert.equal(budget.most(), 750)
  budget.end(2, 1_000, 60_000)
  assert.equal(budget.most(), 750)
})
