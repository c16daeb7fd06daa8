import type { AnswerOf, RouteName } from '@icn/http-api/contract'
import type { Client, RequestOf } from '@icn/sdk'

type Paged = { readonly items: readonly unknown[]; readonly nextCursor: string | null }
type ListName = { [N in RouteName]: AnswerOf<N> extends Paged ? N : never }[RouteName]
type ItemOf<N extends ListName> = AnswerOf<N> extends { readonly items: readonly (infer I)[] } ? I : never

/** A list of the contract from its first page to its last. */
export async function allOf<N extends ListName>(client: Client, name: N, request: RequestOf<N>): Promise<ItemOf<N>[]> {
  const items: ItemOf<N>[] = []
  let cursor: string | null = null
  do {
    const from = cursor === null ? {} : { cursor }
    const query = { ...(request.query as object | undefined), limit: 200, ...from }
    const page = (await client.call(name, { ...request, query } as RequestOf<N>)) as Paged
    items.push(...(page.items as ItemOf<N>[]))
    cursor = page.nextCursor
  } while (cursor !== null)
  return items
}
