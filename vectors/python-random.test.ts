import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fromHex, toHex } from '@icn/crypto'
import { METHODS, parseTransaction, rejectName } from '@icn/protocol'
import { createRandom, type Random } from '@icn/testkit'
import { countElection, isRounded, randomElection, surplusElection } from './make/elections.ts'
import { ICN_PY, preparePython } from './python-environment.ts'

const environment = preparePython()
const skip = 'skip' in environment && environment.skip
const python = 'python' in environment ? environment.python : ''
const seed = Date.now() % 1_000_000

function icn(command: string, input: string): string {
  const { status, stdout, stderr } = spawnSync(python, [ICN_PY, command], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  })
  assert.deepEqual([status, stderr], [0, ''], `seed ${seed}`)
  return stdout
}

const ELECTIONS_EACH = 20

test('both implementations count random elections alike', { skip }, (t) => {
  const random = createRandom(seed)
  const elections = METHODS.flatMap((method) =>
    Array.from({ length: ELECTIONS_EACH }, () => randomElection(random, method)),
  )
  const theirs = JSON.parse(icn('count', JSON.stringify(elections))) as unknown[]
  assert.equal(theirs.length, elections.length)
  let tied = 0
  for (const [index, election] of elections.entries()) {
    const ours = countElection(election)
    assert.deepEqual(theirs[index], ours, `seed ${seed}: ${JSON.stringify(election)}`)
    if (ours.tied) tied++
  }
  assert.ok(tied > 0 && tied < elections.length, `seed ${seed}: ${tied} tied elections prove little`)
  t.diagnostic(`seed ${seed}: ${elections.length} elections, ${tied} tied`)
})

const LONG = 8

test('both implementations round long fractions alike', { skip }, () => {
  const random = createRandom(seed)
  const elections = Array.from({ length: LONG }, () => surplusElection(random))
  const ours = elections.map(countElection)
  assert.deepEqual(JSON.parse(icn('count', JSON.stringify(elections))), ours, `seed ${seed}`)
  assert.ok(ours.some(isRounded), `seed ${seed}: no fraction was long enough`)
})

interface Transactions {
  readonly accepted: readonly { readonly bytes: string }[]
}
const CHANGED = 4_000

test('both implementations give changed transactions the same code', { skip }, (t) => {
  const random = createRandom(seed)
  const file = join(import.meta.dirname, 'transactions.json')
  const { accepted } = JSON.parse(readFileSync(file, 'utf8')) as Transactions
  const inputs = Array.from({ length: CHANGED }, () => changed(random, random.pick(accepted).bytes))
  const theirs = icn('parse', `${inputs.join('\n')}\n`)
    .trim()
    .split('\n')
  const codes = new Set<string>()
  for (const [index, input] of inputs.entries()) {
    const answer = parseTransaction(fromHex(input))
    const ours = answer.ok ? 'accepted' : rejectName(answer.code)
    assert.equal(theirs[index], ours, `seed ${seed}: ${input}`)
    codes.add(ours)
  }
  assert.ok(codes.size > 3, `seed ${seed}: only ${[...codes].join()}`)
  t.diagnostic(`seed ${seed}: ${inputs.length} transactions, ${[...codes].join(', ')}`)
})

/** One or two bytes replaced, put in or left out. */
function changed(random: Random, hex: string): string {
  const bytes = [...fromHex(hex)]
  for (let left = 1 + random.below(2); left > 0; left--) {
    const at = random.below(bytes.length)
    bytes.splice(at, random.below(2), ...(random.chance(0.7) ? [random.below(256)] : []))
  }
  return toHex(Uint8Array.from(bytes))
}
