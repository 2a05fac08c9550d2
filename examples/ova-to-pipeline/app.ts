import { App } from 'aws-cdk-lib';
import { OvaToPipelineStack } from './stack';

new OvaToPipelineStack(new App(), 'OvaToPipeline');
