/** The beginning of a network: whoever has these bytes can check every block after them. */
export interface Genesis {
  readonly chainId: string
  readonly name: string
  readonly timeMs: number
  readonly validators: readonly GenesisValidator[]
  readonly params: NetworkParams
}

export interface GenesisValidator {
  readonly name: string
  /** `z6Mk…` */
  readonly publicKey: string
  readonly power: number
}

/** How many transactions may be sent. A bucket holds at most `burst` and refills evenly by `perHour`. */
export interface Allowance {
  readonly burst: number
  readonly perHour: number
}

export interface NetworkParams {
  /** Each member of an organization. */
  readonly memberAllowance: Allowance
  /** All signers together who are members of nothing. */
  readonly strangerAllowance: Allowance
  readonly maxBlockBytes: number
}

export const defaultParams: NetworkParams = {
  memberAllowance: { burst: 1_000, perHour: 600 },
  strangerAllowance: { burst: 1_000, perHour: 600 },
  maxBlockBytes: 4 * 1024 * 1024,
}
