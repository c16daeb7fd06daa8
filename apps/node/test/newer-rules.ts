import { type Bodies, MembershipReject } from '@icn/protocol'
import type { Revision } from '@icn/state-machine'
import { reject } from '@icn/state-machine/kernel'

/** Longest name of an organization by version 2. */
const LONGEST_NAME = 12

/** A version 2 of the rules: names of organizations are short, and written in capitals. */
export const NEWER_RULES: Revision = {
  version: 2,
  handlers: {
    'org.found': (before) => (tx, block, state) => {
      const body = tx.body as Bodies['org.found']
      if (body.name.length > LONGEST_NAME) return reject(MembershipReject.CHARTER_INVALID, { reason: 'name' })
      return before({ ...tx, body: { ...body, name: body.name.toUpperCase() } }, block, state)
    },
  },
}
