/**
 * Stands in for `@aws-sdk/credential-provider-node`: the first place that it looks at, the environment, is where AWS Lambda
 * puts the credentials of a function.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
