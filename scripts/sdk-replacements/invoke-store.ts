/**
 * Stands in for what tells the invocations of a function apart that handles several at a time. Ours handle one, and what the
 * SDK would ask for here, the trace of the invocation, is in the environment then, where it looks next.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html (`_X_AMZN_TRACE_ID`)
 */
export const InvokeStore = {
  async getInstanceAsync(): Promise<undefined> {
    return undefined;
  },
};
