import { App } from 'aws-cdk-lib';
import { LocalVmdkStack } from './stack';

new LocalVmdkStack(new App(), 'LocalVmdk');
