import { App } from 'aws-cdk-lib';
import { CustomerKeyStack } from './stack';

new CustomerKeyStack(new App(), 'CustomerKey');
