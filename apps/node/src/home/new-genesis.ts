import { generateSeed, toBase32 } from '@icn/crypto'
import { defaultParams, type Genesis, type GenesisFederation, type GenesisValidator } from '@icn/protocol'

/** As many as a genesis of several validators has when it does not say: one that begins with a single one has to. */
export const MOST_VALIDATORS = 100

/**
 * The beginning of a network that nobody else has: its id is drawn.
 *
 * @param federation - who decides about validators; without it the network keeps those that it begins with
 */
export function newGenesis(
  name: string,
  timeMs: number,
  validators: readonly GenesisValidator[],
  federation?: GenesisFederation,
): Genesis {
  const chainId = `icn-${toBase32(generateSeed()).slice(0, 8)}`
  const start = { chainId, name, timeMs, validators }
  if (federation === undefined) return { ...start, params: defaultParams }
  return { ...start, params: { ...defaultParams, maxValidators: MOST_VALIDATORS }, federation }
}
