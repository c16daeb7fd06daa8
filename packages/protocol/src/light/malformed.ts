/** Bytes that are no light block; the message says what was expected where. */
export class MalformedLightBlock extends Error {
  override readonly name = 'MalformedLightBlock'
  readonly code = 'BAD_LIGHT_BLOCK'
}
