import { App } from 'aws-cdk-lib';
import { PublishedAmiStack } from './stack';

new PublishedAmiStack(new App(), 'PublishedAmi');
