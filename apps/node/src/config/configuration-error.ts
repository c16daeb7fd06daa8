import { nearest } from './nearest.ts'

/** A configuration that says something impossible. The process ends with 2. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly code = 'BAD_CONFIGURATION'
}

export const LISTED = 'icn-node start --help lists the settings'

/** @param given - as the operator wrote it; @param prefix - of a name that is meant; @param word - the name in `given` */
export function unknownName(
  given: string,
  known: readonly string[],
  prefix: string,
  word = given.replace(/^--/, ''),
): Error {
  const near = nearest(word, known)
  return new ConfigurationError(
    `${given} is no setting${near === undefined ? `; ${LISTED}` : `; did you mean ${prefix}${near}?`}`,
  )
}
