import type { JoinFile } from '@icn/http-api'
import type { Genesis, GenesisOrigin } from '@icn/protocol'
import { ConfigurationError } from '../config/load.ts'
import { SetupError } from '../setup-error.ts'
import { copyState, type SourceState } from './state-source.ts'

/** Whether what is given to begin with is what the network needs. @throws SetupError `NEEDS_STATE`; ConfigurationError */
export function checkBeginsWith(
  { genesis }: Pick<JoinFile, 'genesis'>,
  syncFrom: string | undefined,
  stateFrom: string | undefined,
): void {
  if (stateFrom !== undefined && syncFrom !== undefined)
    throw new ConfigurationError('--from: a node begins with that state or with a snapshot (--sync), not with both')
  if (genesis.origin === undefined) {
    if (stateFrom === undefined) return
    throw new ConfigurationError(`--from: ${genesis.chainId} is not made of the state of another network`)
  }
  if (stateFrom === undefined && syncFrom === undefined) throw needsState(genesis.origin)
}

/** No block of the network brings what it begins with. */
export function needsState({ chainId, height }: GenesisOrigin): SetupError {
  return new SetupError(
    'NEEDS_STATE',
    `the network is made of the state of ${chainId} after block ${height}`,
    'join with --from and a backup, an export or a stopped data folder with that state, or with --sync and the address of a node to begin with a snapshot',
  )
}

/**
 * Copies the state of which a network says that it is made, if it is that one.
 *
 * @param target - a file that is not there yet
 * @throws SetupError `OTHER_STATE`; what `copyState` throws
 */
export function takeState(source: string, target: string, genesis: Genesis): Promise<() => Genesis> {
  return copyState(source, target, (state) => {
    if (genesis.origin !== undefined) checkState(source, state, genesis.origin)
    return () => genesis
  })
}

function checkState(source: string, state: SourceState, origin: GenesisOrigin): void {
  const { chainId } = state.genesis
  const begins = `${origin.chainId} after block ${origin.height}`
  if (state.genesisHash !== origin.genesisHash)
    throw otherState(
      `${source} is of the network ${chainId} (genesis ${state.genesisHash}), and the new one is made of ${origin.chainId} (genesis ${origin.genesisHash})`,
      'name a state of that network',
    )
  if (state.height !== origin.height)
    throw otherState(
      `${source} is of height ${state.height}, and the new network is made of ${begins}`,
      state.height > origin.height
        ? 'you have blocks that the new network leaves out: tell its operators before you join'
        : 'take an export of the operator who began it, and compare its hash with the one that the genesis names',
    )
  for (const [what, own, named] of [
    ['state', state.appHash, origin.appHash],
    ['block', state.blockHash, origin.blockHash],
  ])
    if (own !== named)
      throw otherState(
        `the ${what} in ${source} is ${own}, and the new network is made of ${named} (${begins})`,
        'do not join: compare both with the other operators, and verify the folder with icn-node verify',
      )
}

function otherState(why: string, advice: string): SetupError {
  return new SetupError('OTHER_STATE', why, `${advice}; nothing was written`)
}

/** Whether a state is the one with which the network begins. @throws SetupError `OTHER_STATE` */
export function checkOrigin({ origin }: Genesis, height: number, appHash: string): void {
  if (origin === undefined || height > origin.height || height === 0) return
  if (height === origin.height && appHash === origin.appHash) return
  throw new SetupError(
    'OTHER_STATE',
    `the folder holds the state ${appHash} of height ${height}, and the network is made of ${origin.appHash} of height ${origin.height}`,
    'join anew into an empty folder',
  )
}
