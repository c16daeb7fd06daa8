import type { Committed, KeyPart, SqlReader, StateProof, Table } from '@icn/state-machine/kernel'
import type { HttpContext } from './context.ts'

/** Proves a row, or its absence, at the height of the read. */
export type Prove = (table: Table, key: readonly KeyPart[]) => StateProof

/** Reads rows and proves them, all at one height: again from the start where a block came in between. */
export function readProved<T>(
  { reader, store }: HttpContext,
  work: (sql: SqlReader, at: Committed, prove: Prove) => T,
): T {
  for (;;) {
    let moved = false
    const answer = reader.read((sql, at) =>
      work(sql, at, (table, key) => {
        const proof = store.prove(table, key)
        moved ||= proof.height !== at.height
        return proof
      }),
    )
    if (!moved) return answer
  }
}
