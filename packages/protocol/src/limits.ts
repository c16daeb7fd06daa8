/** Fixed limits of what can be sent. Consensus data: a change is a network upgrade. */
export const Limits = {
  transactionBytes: 64 * 1024,
  /** Lists and maps within each other in a payload. */
  nestingDepth: 12,
  /** Values and keys in a payload. */
  items: 16_384,
  nameChars: 120,
  titleChars: 200,
  textChars: 20_000,
  commentChars: 5_000,
  optionsPerProposal: 100,
  actionsPerProposal: 16,
  keysPerIdentity: 16,
  servicesPerIdentity: 16,
  rolesPerMember: 16,
  invitationUses: 1_000_000,
  endpointsPerNode: 4,
  /** Not retired ones. */
  nodesPerOrganization: 64,
  validators: 1_000,
  /** A transaction expires at most this many blocks ahead. */
  expiryBlocks: 100_000,
  votingMs: { min: 1_000, max: 90 * 86_400_000 },
  discussionMs: { min: 0, max: 90 * 86_400_000 },
  /**
   * Work that all counts together do at the end of a block, in units of 5 ns or so: about a tenth of a second, so that
   * large votes hold up no block for long. A smaller count ends in the block in which voting does.
   */
  countUnitsPerBlock: 20_000_000,
} as const
