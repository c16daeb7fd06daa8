import { test } from 'node:test'
import { testConsensus } from '../../testkit/src/consensus-suite.ts'
import { stores } from '../../testkit/src/given-store.ts'
import { noCometBft, startEngine } from './given-cometbft.ts'

if (noCometBft === false) {
  for (const [name, openStore] of stores)
    testConsensus(`CometBFT on ${name}`, startEngine, openStore, { checksHoldBlocks: true })
} else test('the consensus suite on CometBFT', { skip: noCometBft })
