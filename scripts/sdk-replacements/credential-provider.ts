/**
 * Stands in for the SDK's chain of credential providers: its first one, the environment, is where AWS Lambda puts the
 * credentials of a function.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';
