import { App } from 'aws-cdk-lib';
import { FleetStack } from './stack';

new FleetStack(new App(), 'Fleet');
