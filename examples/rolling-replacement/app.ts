import { App } from 'aws-cdk-lib';
import { RollingReplacementStack } from './stack';

new RollingReplacementStack(new App(), 'RollingReplacement');
