/**
 * Stands in for the SDK's question to an EC2 instance where it is, which AWS Lambda says in the environment: as where there
 * is no instance, nothing is known.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export const getInstanceMetadataRegion = async (): Promise<undefined> => undefined;
