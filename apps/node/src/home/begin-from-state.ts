import { generateSeed, publicKeyFromSeed } from '@icn/crypto'
import { type Genesis, type GenesisValidator, maxValidatorsOf, publicKeyToText } from '@icn/protocol'
import { createOverlay, type StateStore } from '@icn/state-machine/kernel'
import { paramsInForce, rulesOf } from '@icn/state-machine/network'
import type { Configuration } from '../config/load.ts'
import { filesOf, writeDurably } from './files.ts'
import { makeFolderWithState } from './folder-with-state.ts'
import { checkSound, type InitReport, joinFileOf, nameIn, reportOf } from './init-network.ts'
import { federationToName } from './name-federation.ts'
import { flagsOf } from './network-folder.ts'
import { MOST_VALIDATORS, newGenesis } from './new-genesis.ts'
import { copyState, type SourceState } from './state-source.ts'

export interface StateOptions {
  /** A backup, an archive, or the data folder of a node that is stopped. */
  readonly from: string
  /** Validators of other operators, with whom the network begins. */
  readonly others: readonly GenesisValidator[]
  /** The organization that decides about further validators, by DID or name; `none`; `undefined`: as the state says. */
  readonly federation: string | undefined
  readonly nowMs: number
}

/**
 * Begins a network of the state of another one, whose validators cannot make blocks any more: a chain id and validators of its
 * own; organizations, decisions, sequences and heights go on. The genesis names the state, so that others can compare it with theirs.
 *
 * @throws ConfigurationError, SetupError, TransferError, CorruptData, DataFolderBusy; then the folder is as it was
 */
export async function beginFromState(configuration: Configuration, options: StateOptions): Promise<InitReport> {
  const { home } = configuration
  const { from, others, nowMs } = options
  const name = nameIn(configuration)
  const { genesis, validatorSeed, nodeSeed } = await makeFolderWithState(home, flagsOf(configuration), (target) =>
    copyState(from, target, (state, store) => {
      const facts = factsOf(state, store, options.federation)
      const drawn = newGenesis(name, Math.max(nowMs, state.timeMs + 1), [])
      const begin = (seed: Uint8Array): Genesis => {
        const validators = [{ name, publicKey: publicKeyToText(publicKeyFromSeed(seed)), power: 1 }, ...others]
        const maxValidators = Math.max(facts.maxValidators, validators.length)
        return { ...drawn, validators, params: { ...facts.params, maxValidators }, origin: facts.origin }
      }
      checkSound(begin(generateSeed()))
      return (folder) => begin(folder.validatorSeed)
    }),
  )
  const file = joinFileOf({ genesis, nodeSeed, configuration, nowMs, continues: undefined })
  writeDurably(filesOf(home).join, `${JSON.stringify(file, null, 2)}\n`, 0o644)
  return reportOf(home, validatorSeed, file)
}

function factsOf(state: SourceState, store: StateStore, given: string | undefined) {
  const { genesis, genesisHash, height, blockHash, appHash } = state
  const rows = createOverlay(store)
  const rules = rulesOf(rows)
  const federation = federationToName({ store, given }) ?? rules?.federation ?? null
  const { chainId, origin: before } = genesis
  const earlier = before === undefined ? [] : [before.chainId, ...before.earlier]
  const most = rules?.maxValidators ?? maxValidatorsOf(genesis)
  return {
    origin: { chainId, genesisHash, height, blockHash, appHash, earlier, federation },
    params: paramsInForce(rows, genesis.params),
    maxValidators: federation === null ? most : Math.max(most, MOST_VALIDATORS),
  }
}
