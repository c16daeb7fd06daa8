import { type Cut, type Link, openLink } from './links.ts'

/** All ways between the CometBFTs of a network. */
export interface Mesh {
  /** How it can cut them. */
  readonly cuts: readonly Cut[]
  /** `host:port` by which node `from` dials node `to`. */
  addressOf(from: number, to: number): string
  /** What starts a program where a node has its network. */
  prefixOf(index: number): readonly string[]
  /** Flags of a node beside those of all. */
  flagsOf(index: number): readonly string[]
  /** Cuts every way between two groups. */
  part(one: readonly number[], other: readonly number[], how: Cut): void
  heal(): void
  close(): Promise<void>
}

/**
 * TCP proxies on loopback, one for each direction of dialling.
 *
 * @param targets - P2P port of each node, by its place; asked for when somebody dials
 */
export async function openMesh(count: number, targets: (index: number) => number): Promise<Mesh> {
  const links = new Map<string, Link>()
  for (let from = 0; from < count; from++) {
    for (let to = 0; to < count; to++) {
      if (from !== to) links.set(`${from} ${to}`, await openLink(() => targets(to)))
    }
  }

  function linkOf(from: number, to: number): Link {
    const link = links.get(`${from} ${to}`)
    if (link === undefined) throw new RangeError(`there is no way from ${from} to ${to}`)
    return link
  }

  function part(one: readonly number[], other: readonly number[], how: Cut): void {
    for (const from of one) {
      for (const to of other) {
        linkOf(from, to).cut(how)
        linkOf(to, from).cut(how)
      }
    }
  }

  return {
    cuts: ['silent', 'closed'],
    addressOf: (from, to) => `127.0.0.1:${linkOf(from, to).port}`,
    prefixOf: () => [],
    flagsOf: () => [],
    part,
    heal: () => {
      for (const link of links.values()) link.heal()
    },
    close: async () => {
      await Promise.all([...links.values()].map((link) => link.close()))
    },
  }
}
