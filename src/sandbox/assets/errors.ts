/** The error of a machine that cannot do something at all, as opposed to a mistake of ours. */

/** This machine lacks what is needed. The message is for its user: what, and how to get it. Tests are skipped for it. */
export class MachineLacksError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MachineLacksError';
  }
}
