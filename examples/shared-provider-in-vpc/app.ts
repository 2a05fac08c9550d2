import { App } from 'aws-cdk-lib';
import { SharedProviderInVpcStack } from './stack';

new SharedProviderInVpcStack(new App(), 'SharedProviderInVpc');
