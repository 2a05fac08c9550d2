import { parseRequest } from '../../../lambda/import/request';
import { createRequest } from '../requests';

const parse = (change: object) => parseRequest(createRequest({ ...change }));

describe('a request', () => {
  test('carries every parameter of ImportImage, typed as EC2 wants it', () => {
    const parameters = {
      Architecture: 'x86_64',
      BootMode: 'uefi',
      ClientData: { Comment: 'from the lab', UploadEnd: '2026-01-01T01:00:00.000Z', UploadSize: '12.5', UploadStart: '2026-01-01T00:00:00.000Z' },
      Description: 'golden',
      DiskContainers: [
        { Description: 'boot', DeviceName: '/dev/sda1', Format: 'OVA', UserBucket: { S3Bucket: 'b', S3Key: 'k.ova' } },
        { SnapshotId: 'snap-1' },
        { Url: 's3://b/k.raw' },
      ],
      Encrypted: 'true',
      Hypervisor: 'xen',
      KmsKeyId: 'alias/golden',
      LicenseSpecifications: [{ LicenseConfigurationArn: 'arn:aws:license-manager:eu-west-1:111122223333:license-configuration:lic-1' }],
      LicenseType: 'BYOL',
      Platform: 'Linux',
      RoleName: 'vmimport',
      UsageOperation: 'RunInstances',
    };
    expect(parse({ ImportImage: parameters }).source).toEqual({
      kind: 'import',
      parameters: {
        ...parameters,
        ClientData: {
          Comment: 'from the lab',
          UploadEnd: new Date('2026-01-01T01:00:00Z'),
          UploadSize: 12.5,
          UploadStart: new Date('2026-01-01T00:00:00Z'),
        },
        Encrypted: true,
      },
    });
  });

  test('leaves out what was not given', () => {
    expect(parse({ ImportImage: { ClientData: {}, DiskContainers: [], RoleName: 'vmimport', Encrypted: 'false' } }).source).toEqual({
      kind: 'import',
      parameters: { ClientData: {}, DiskContainers: [], RoleName: 'vmimport', Encrypted: false },
    });
  });

  test('carries every parameter of ImportVmImage', () => {
    const image = {
      name: 'Golden',
      semanticVersion: '1.0.0',
      description: 'base',
      platform: 'Windows',
      osVersion: 'Microsoft Windows Server 2022',
      loggingConfiguration: { logGroupName: '/aws/imagebuilder/golden' },
    };
    expect(parse({ ImportVmImage: image }).image).toEqual(image);
  });

  test('adopts a task where one is named', () => {
    expect(parse({ ImportImage: undefined, ImportTaskId: 'import-ami-1' }).source).toEqual({ kind: 'adopt', importTaskId: 'import-ami-1' });
  });

  test('carries its segment in seconds, and two attempts where nothing else was asked', () => {
    expect(parse({ Segment: '2', Segments: '5', Budget: '2880', Timeout: '14400', ImportId: 'before', Revision: '7' })).toMatchObject({
      segment: { index: 2, count: 5, budget: 2880, timeout: 14400, previous: 'before' },
      revision: '7',
      maxAttempts: 2,
      preflight: 'off',
    });
    expect(parse({ MaxAttempts: '3' }).maxAttempts).toBe(3);
    expect(parse({ Preflight: undefined }).preflight).toBe('on');
  });

  test('retires the tags that an update takes away', () => {
    const event = {
      ...createRequest({ Tags: { team: 'a' } }),
      RequestType: 'Update' as const,
      PhysicalResourceId: 'x',
      OldResourceProperties: { Tags: { team: 'b', stage: 'test' } },
    };
    expect(parseRequest(event)).toMatchObject({ tags: { team: 'a' }, retiredTagKeys: ['stage'] });
    expect(parseRequest(createRequest()).tags).toEqual({});
  });

  test.each<readonly [object, string]>([
    [{ ImportVmImage: undefined }, 'The property ResourceProperties.ImportVmImage must be an object. Use the VmImportImage construct, which writes it.'],
    [{ ImportVmImage: { name: '', semanticVersion: '1.0.0', platform: 'Linux' } }, 'ResourceProperties.ImportVmImage.name must be a string'],
    [{ ImportImage: undefined }, 'ResourceProperties.ImportImage must be an object'],
    [{ ImportImage: { RoleName: 'r' } }, 'ResourceProperties.ImportImage.DiskContainers must be a list'],
    [{ ImportImage: { RoleName: 'r', DiskContainers: ['x'] } }, 'ResourceProperties.ImportImage.DiskContainers[0] must be an object'],
    [{ ImportImage: { RoleName: 'r', DiskContainers: [{ Format: [] }] } }, 'ResourceProperties.ImportImage.DiskContainers[0].Format must be a string'],
    [{ ImportImage: { RoleName: 'r', DiskContainers: [], ClientData: { UploadStart: 'soon' } } }, 'ClientData.UploadStart must be an ISO 8601 time'],
    [{ Segment: 'first' }, 'ResourceProperties.Segment must be a number'],
    [{ ImportTaskId: [] }, 'ResourceProperties.ImportTaskId must be a string'],
  ])('that is malformed (%j) says which property and what it must be', (change, sentence) => {
    expect(() => parse(change)).toThrow(sentence);
  });
});
