import { App } from 'aws-cdk-lib';
import { DataDiskSnapshotStack } from './stack';

new DataDiskSnapshotStack(new App(), 'DataDiskSnapshot');
