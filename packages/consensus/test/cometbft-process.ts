/**
 * A node with CometBFT in a process of its own, for tests that kill it. It submits one transaction, and ends itself with
 * SIGKILL at the step that is named, when the block with that transaction gets there.
 *
 * Arguments: folder, step (`before-commit`: the block is finalized and not written; `after-commit`: it is written, and
 * CometBFT does not know yet). Prints one line of JSON: the process id of CometBFT, the height and the root.
 */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { createVerifyPool } from '@icn/crypto/verify-pool'
import { createMachine } from '@icn/state-machine'
import { openSqliteStore } from '@icn/state-store'
import { founding, givenNetwork, givenSigner } from '../../testkit/src/given-network.ts'
import { type Application, createApplication } from '../src/index.ts'
import { startPair } from './given-cometbft.ts'

export interface LastWords {
  readonly cometBftPid: number
  readonly height: number
  /** Hex. */
  readonly appHash: string
}

const [folder = '', step = ''] = process.argv.slice(2)
const { genesis, validatorSeed } = givenNetwork()
const machine = createMachine({ genesis })
const store = openSqliteStore({ file: join(folder, 'node.db'), modules: machine.modules })
const bare = createApplication({ machine, store, verifyPool: createVerifyPool() })
let words: Omit<LastWords, 'cometBftPid'> | undefined

function die(): void {
  const cometBftPid = pair.process().pid
  writeSync(1, `${JSON.stringify({ cometBftPid, ...words } satisfies Partial<LastWords>)}\n`)
  process.kill(process.pid, 'SIGKILL')
}

const application: Application = {
  ...bare,
  finalizeBlock: async (request) => {
    const final = await bare.finalizeBlock(request)
    if (request.txs.length > 0) {
      words = { height: request.height, appHash: Buffer.from(final.appHash).toString('hex') }
    }
    return final
  },
  commit: async (signed) => {
    if (words !== undefined && step === 'before-commit') die()
    const block = await bare.commit(signed)
    if (words !== undefined) die()
    return block
  },
}
const committed = store.committed()
const pair = await startPair({ application, genesis, validatorSeed, committed, maxWaiting: 10, folder })
await pair.engine.submit(givenSigner('ana').sign(founding()), 'committed')
