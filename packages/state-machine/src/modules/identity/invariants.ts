import { assert, type State } from '../../kernel/index.ts'
import { identities, identityVersions } from './tables.ts'

/** Every identity stands as its latest version says, and versions have no gaps. */
export function checkIdentityInvariants(state: State): void {
  const versions = state.open(identityVersions)
  for (const identity of state.open(identities).scan([])) {
    const history = [...versions.scan([identity.did])]
    assert(
      history.every(({ version }, index) => version === index + 1),
      `${identity.did}: versions without gaps`,
    )
    const latest = history.at(-1)
    assert(latest?.version === identity.version && latest.status === identity.status, `${identity.did}: latest version`)
    assert(
      (identity.status === 'active') === identity.keys.length > 0,
      `${identity.did}: active if and only if it has keys`,
    )
  }
}
