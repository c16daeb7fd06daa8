/** Something that observers may want to know. Derived from blocks, never read by the rules, outside the root. */
export interface LedgerEvent {
  /** `<module>.<what>`, past tense: `vote.cast`, `member.joined`. */
  readonly topic: string
  /** The DID of the organization concerned, where there is one. */
  readonly org?: string
  /** The id of the thing concerned: a proposal, a member, an organization. */
  readonly subject: string
  /** Small, JSON-able facts: texts, integers, booleans. */
  readonly data: Readonly<Record<string, string | number | boolean>>
}

/** Something that happened by itself at the end of a block, in the lane of the module that made it. */
export interface EndEvent extends LedgerEvent {
  readonly lane: number
}
