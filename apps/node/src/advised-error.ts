/** What an operator asked for cannot be done as it stands; nothing was changed. */
export abstract class AdvisedError<Code extends string> extends Error {
  readonly code: Code
  /** One sentence that says what to do. */
  readonly advice: string

  constructor(code: Code, message: string, advice: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.advice = advice
  }
}
