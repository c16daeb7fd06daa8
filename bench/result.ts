/** One figure beside its reference, measured in the same run: quote ratios, machines differ. */
export interface BenchResult {
  readonly name: string
  readonly ours: number
  readonly reference: number | null
  readonly referenceName: string
  /** ours / reference; `null` without a reference. */
  readonly ratio: number | null
  readonly unit: string
  readonly conditions: string
}

export interface BenchOptions {
  readonly json: boolean
  /** Folder for profiles of processor time, of benchmarks that start nodes. */
  readonly profile: string | undefined
}

export type Bench = (options: BenchOptions) => Promise<readonly BenchResult[]>

export function result(
  name: string,
  ours: number,
  unit: string,
  conditions: string,
  reference?: { readonly name: string; readonly value: number },
): BenchResult {
  return {
    name,
    ours: round(ours),
    reference: reference === undefined ? null : round(reference.value),
    referenceName: reference?.name ?? 'none',
    ratio: reference === undefined ? null : round(ours / reference.value),
    unit,
    conditions,
  }
}

/** Three significant digits below a thousand, whole numbers above. */
function round(value: number): number {
  return Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3))
}
