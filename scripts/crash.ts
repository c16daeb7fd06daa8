/**
 * `npm run crash [-- --rounds N] [--seed S]`: kills a real node with SIGKILL at random moments under load, and looks
 * after each fall whether every acknowledged vote is there, once, and whether the folder is sound.
 */
import { parseArgs } from 'node:util'
import { crashRounds } from '../apps/node/test/crash.ts'

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '20' }, seed: { type: 'string' } } })
const rounds = Number(values.rounds)
const seed = Number(values.seed ?? Date.now() % 1_000_000)
console.log(`${rounds} rounds with seed ${seed}`)
const report = await crashRounds({ rounds, seed, onRound: (line) => console.log(line) })
console.log(
  `${report.acknowledged} acknowledged votes in ${rounds} rounds: none lost, none twice; replay gives the same root`,
)
