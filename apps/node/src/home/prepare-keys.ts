import { nodeId } from '@icn/consensus/cometbft'
import { publicKeyFromSeed } from '@icn/crypto'
import { publicKeyToText } from '@icn/protocol'
import { prepareFolder } from './network-folder.ts'

/** What an operator tells whoever begins the network. */
export interface PreparedKeys {
  readonly home: string
  /** With which the genesis names this node as a validator, `z6Mk…`. */
  readonly publicKey: string
  readonly nodeId: string
}

/**
 * Makes the keys of a node before there is a network, or reads those that stand there; `join` goes on with them.
 *
 * @throws SetupError `FOLDER_NOT_EMPTY`; DataFolderBusy
 */
export function prepareKeys(home: string): PreparedKeys {
  const { validatorSeed, nodeSeed } = prepareFolder(home)
  return { home, publicKey: publicKeyToText(publicKeyFromSeed(validatorSeed)), nodeId: nodeId(nodeSeed) }
}
