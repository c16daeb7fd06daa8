import { testConsensus } from '../../testkit/src/consensus-suite.ts'
import { stores } from '../../testkit/src/given-store.ts'
import { createSolo } from '../src/solo/index.ts'

for (const [name, openStore] of stores) testConsensus(`solo on ${name}`, createSolo, openStore)
