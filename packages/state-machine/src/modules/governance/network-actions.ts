import type { Action } from '@icn/protocol'

/** What only the federation decides: who makes blocks, and by which rules. Two thirds decide it, as they do blocks. */
export const NETWORK_ACTIONS: readonly Action['do'][] = [
  'admit-validator',
  'remove-validator',
  'network-param',
  'upgrade',
  'cancel-upgrade',
]
