import type { Client } from '@icn/sdk'

/** Where an election is held: one node, or several that follow one network. */
export interface Polls {
  readonly clients: readonly Client[]
  /**
   * How long voting is to be open, in block time.
   *
   * @param joiningMs - what as many transactions took just before
   */
  votingMs(joiningMs: number): number
  /** Called with the number of ballots that were cast before each; for what is to happen in the middle. */
  onBallot(cast: number): void
  /** Resolves when voting is closed on every node. */
  close(proposal: string): Promise<void>
  /** What can be said of the nodes at the end. @throws where it is not as it should be */
  report(): Promise<readonly string[]>
  stop(): Promise<void>
}
