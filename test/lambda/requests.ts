import type { CreateRequest, Properties } from '../../lambda/cloudformation/requests';

/** The properties of a small import, as CloudFormation delivers them. */
export function importProperties(change: Properties = {}): Properties {
  return {
    ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:provider',
    ImportImage: {
      DiskContainers: [{ Format: 'VMDK', UserBucket: { S3Bucket: 'exports', S3Key: 'golden.vmdk' } }],
      RoleName: 'vmimport',
    },
    ImportVmImage: { name: 'Golden', semanticVersion: '1.0.0', platform: 'Linux' },
    Segment: '1',
    Segments: '1',
    Budget: '3000',
    Timeout: '3000',
    // The disks of most tests are no disk images; preflight.test.ts looks at some that are.
    Preflight: 'false',
    ...change,
  };
}

export function createRequest(change: Properties = {}): CreateRequest {
  return {
    RequestType: 'Create',
    RequestId: 'request-1',
    ResponseURL: 'https://cloudformation-custom-resource-response.invalid/1',
    StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/S/11111111-2222-3333-4444-555555555555',
    LogicalResourceId: 'GoldenImport',
    ResourceType: 'Custom::VmImportImage',
    ResourceProperties: importProperties(change),
  };
}
