/**
 * An error that a user can act on. It is shown without a stack trace: `message` says what is wrong with which
 * value, `remedy` what to do next. Anything else that is thrown is a defect of lossnet and shown as such.
 */
export class LossnetError extends Error {
  /**
   * @param code stable identifier for scripts and searches, for example `LOSSNET_DATA_CORRUPT`
   * @param message what is wrong: the file or argument, the value received, what is allowed
   * @param remedy what to do next; several remedies stand on lines of their own
   */
  constructor(
    readonly code: `LOSSNET_${string}`,
    message: string,
    readonly remedy?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The command line, or what it names, is wrong: nothing was begun. */
export class UsageError extends LossnetError {}
