import { App } from 'aws-cdk-lib';
import { WindowsByolStack } from './stack';

new WindowsByolStack(new App(), 'WindowsByol');
