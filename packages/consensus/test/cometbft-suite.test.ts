import { test } from 'node:test'
import { type EngineSetup, testConsensus } from '../../testkit/src/consensus-suite.ts'
import { stores } from '../../testkit/src/given-store.ts'
import { withoutCometbft } from '../../testkit/src/kvstore-network.ts'
import { startEngine } from './given-cometbft.ts'

if (withoutCometbft === false) {
  for (const [way, isAlone] of [
    ['its pool', false],
    ['what the node proposes itself', true],
  ] as const) {
    for (const [name, openStore] of stores) {
      const start = (setup: EngineSetup) => startEngine({ ...setup, engine: { isAlone: () => isAlone } })
      testConsensus(`CometBFT with ${way}, on ${name}`, start, openStore, { checksHoldBlocks: true })
    }
  }
} else test('the consensus suite on CometBFT', { skip: withoutCometbft })
