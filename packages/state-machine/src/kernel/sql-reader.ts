/** Read-only SQL at a committed height: what the queries of the modules read, never the rules. */
export interface SqlReader {
  all<R = Record<string, unknown>>(sql: string, ...params: readonly (string | number | Uint8Array | null)[]): R[]
  get<R = Record<string, unknown>>(
    sql: string,
    ...params: readonly (string | number | Uint8Array | null)[]
  ): R | undefined
}
