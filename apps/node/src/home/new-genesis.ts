import { generateSeed, toBase32 } from '@icn/crypto'
import { defaultParams, type Genesis, type GenesisValidator } from '@icn/protocol'

/** The beginning of a network that nobody else has: its id is drawn. */
export function newGenesis(name: string, timeMs: number, validators: readonly GenesisValidator[]): Genesis {
  const chainId = `icn-${toBase32(generateSeed()).slice(0, 8)}`
  return { chainId, name, timeMs, validators, params: defaultParams }
}
