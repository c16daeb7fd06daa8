import { test } from 'node:test'
import { crashRounds } from './crash.ts'

test('20 times SIGKILL under load: no acknowledged vote is lost, none counts twice, the replay has the same root', async (t) => {
  const seed = Date.now() % 1_000_000
  const { acknowledged } = await crashRounds({ rounds: 20, seed })
  t.diagnostic(`seed ${seed}, ${acknowledged} acknowledged votes`)
})
