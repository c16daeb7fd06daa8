import { toHex } from '@icn/crypto'
import { chainIdsOf, genesisHash, MalformedGenesis, parseGenesis } from '@icn/protocol'
import type { Client } from './client.ts'

/**
 * Whether the network of a node was made of the state of another one, as the genesis of this hash says: organizations keep
 * the DIDs that they had there.
 *
 * @param origin - chain id of the other one
 * @throws ApiError, Unreachable
 */
export async function comesFrom(client: Client, hash: string, origin: string): Promise<boolean> {
  try {
    const genesis = parseGenesis(await client.call('genesis', {}))
    return toHex(genesisHash(genesis)) === hash && chainIdsOf(genesis).slice(1).includes(origin)
  } catch (error) {
    if (error instanceof MalformedGenesis) return false
    throw error
  }
}
