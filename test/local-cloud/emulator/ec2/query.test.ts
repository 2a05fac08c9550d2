import { ImportImage$ } from '@aws-sdk/client-ec2';
import { operationOf } from '../schema';
import { accountWithDisk } from '../sdk-clients';
import { decodeQuery } from './query';

const IMPORT_IMAGE = operationOf(ImportImage$);

describe('The query protocol', () => {
  test('is decoded into the SDK\'s own names and types', () => {
    const form = new URLSearchParams({
      'Action': 'ImportImage',
      'Version': '2016-11-15',
      'Encrypted': 'true',
      'DiskContainer.2.SnapshotId': 'snap-1',
      'DiskContainer.1.UserBucket.S3Bucket': 'bucket',
      'ClientData.UploadSize': '1.5',
      'ClientData.UploadStart': '2026-01-02T03:04:05Z',
      'LicenseSpecifications.1.LicenseConfigurationArn': 'arn',
      'TagSpecification.1.ResourceType': 'import-image-task',
      'TagSpecification.1.Tag.1.Key': 'key',
    });
    expect(decodeQuery(form, IMPORT_IMAGE.input)).toEqual({
      Encrypted: true,
      DiskContainers: [{ UserBucket: { S3Bucket: 'bucket' } }, { SnapshotId: 'snap-1' }],
      ClientData: { UploadSize: 1.5, UploadStart: new Date('2026-01-02T03:04:05Z') },
      LicenseSpecifications: [{ LicenseConfigurationArn: 'arn' }],
      TagSpecifications: [{ ResourceType: 'import-image-task', Tags: [{ Key: 'key' }] }],
    });
  });

  test.each([
    ['Surprise', 'x', 'UnknownParameter'],
    ['DiskContainers.1.Url', 'x', 'UnknownParameter'],
    ['DiskContainer.1.Surprise', 'x', 'UnknownParameter'],
    ['DiskContainer.member.1.Url', 'x', 'UnknownParameter'],
    ['DiskContainer.0.Url', 'x', 'UnknownParameter'],
    ['Description.1', 'x', 'UnknownParameter'],
    ['Encrypted', 'yes', 'InvalidParameterValue'],
    ['ClientData.UploadSize', 'big', 'InvalidParameterValue'],
    ['ClientData.UploadStart', 'yesterday', 'InvalidParameterValue'],
  ])('%s=%s is refused as %s', async (key, value, code) => {
    expect(() => decodeQuery(new URLSearchParams({ [key]: value }), IMPORT_IMAGE.input)).toThrow(expect.objectContaining({ code }));
  });

  test.each([
    ['CreateTags', { 'ResourceId.1': 'ami-1' }, 'MissingParameter'],
    ['LaunchRockets', {}, 'InvalidAction'],
    ['ImportImage', { Version: '1999-01-01' }, 'InvalidAction'],
  ])('a %s with %j is answered in XML as %s', async (Action, parameters, code) => {
    const { emulator } = accountWithDisk();
    const body = new URLSearchParams({ Action, Version: '2016-11-15', ...parameters }).toString();
    const outcome = await emulator.handle({ method: 'POST', path: '/', query: new URLSearchParams(), body });
    expect(outcome).toMatchObject({
      kind: 'answered',
      response: { status: 400, body: expect.stringMatching(`<Response><Errors><Error><Code>${code}</Code><Message>[^<]+</Message></Error></Errors><RequestID>`) },
    });
    expect(emulator.calls()).toMatchObject([{ action: Action, outcome: { kind: 'answered', status: 400, errorCode: code } }]);
  });

  test('may come in the URL as well', async () => {
    const { emulator } = accountWithDisk();
    const query = new URLSearchParams({ Action: 'DescribeImages', Version: '2016-11-15' });
    expect(await emulator.handle({ method: 'GET', path: '/', query, body: '' })).toMatchObject({ response: { status: 200 } });
  });
});
