import { App } from 'aws-cdk-lib';
import { GettingStarted } from './stack';

new GettingStarted(new App(), 'GettingStarted');
