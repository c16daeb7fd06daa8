import { test } from 'node:test'
import { testConsensus } from '../../testkit/src/consensus-suite.ts'
import { stores } from '../../testkit/src/given-store.ts'
import { withoutCometbft } from '../../testkit/src/kvstore-network.ts'
import { startEngine } from './given-cometbft.ts'

if (withoutCometbft === false) {
  for (const [name, openStore] of stores)
    testConsensus(`CometBFT on ${name}`, startEngine, openStore, { checksHoldBlocks: true })
} else test('the consensus suite on CometBFT', { skip: withoutCometbft })
