import { App } from 'aws-cdk-lib';
import { CloudImageArm64Stack } from './stack';

new CloudImageArm64Stack(new App(), 'CloudImageArm64');
