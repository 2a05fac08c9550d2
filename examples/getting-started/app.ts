import { App } from 'aws-cdk-lib';
import { GettingStartedStack } from './stack';

new GettingStartedStack(new App(), 'GettingStarted');
