import { App } from 'aws-cdk-lib';
import { AdoptTaskStack } from './stack';

new AdoptTaskStack(new App(), 'AdoptTask');
