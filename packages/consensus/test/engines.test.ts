import { testConsensus } from '../../testkit/src/consensus-suite.ts'
import { createSolo } from '../src/solo/index.ts'
import { stores } from './given-store.ts'

for (const [name, openStore] of stores) testConsensus(`solo on ${name}`, createSolo, openStore)
