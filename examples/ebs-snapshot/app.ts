import { App } from 'aws-cdk-lib';
import { EbsSnapshotStack } from './stack';

new EbsSnapshotStack(new App(), 'EbsSnapshot');
