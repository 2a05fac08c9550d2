import { App } from 'aws-cdk-lib';
import { CrossAccountBucketStack } from './stack';

// With the account known, synthesis sees that the bucket is another's.
new CrossAccountBucketStack(new App(), 'CrossAccountBucket', {
  env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
});
