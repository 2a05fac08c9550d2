import { App } from 'aws-cdk-lib';
import { ImagebuilderAlphaStack } from './stack';

new ImagebuilderAlphaStack(new App(), 'ImagebuilderAlpha');
