import { AnExample, ofTheImport } from './an-example';

const LICENSE_CONFIGURATION = 'arn:aws:license-manager:us-east-1:000000000000:license-configuration:lic-00112233445566778899aabbccddeeff';
const example = new AnExample('windows-byol', { context: { licenseConfiguration: 'lic-00112233445566778899aabbccddeeff' } });

test('both disks are imported, the one to boot from first', () => {
  expect(example.imports).toMatchObject([{
    ImportImage: {
      Platform: 'Windows',
      BootMode: 'legacy-bios',
      DiskContainers: [
        { DeviceName: '/dev/sda1', Format: 'VMDK', UserBucket: { S3Key: 'erp/system.vmdk' } },
        { DeviceName: 'xvdb', Format: 'VMDK', UserBucket: { S3Key: 'erp/data.vmdk' } },
      ],
    },
    ImportVmImage: { platform: 'Windows', osVersion: 'Microsoft Windows Server 2022' },
  }]);
  example.template.hasOutput('SnapshotIds', {});
  expect(JSON.stringify(example.template.toJSON().Outputs.SnapshotIds)).toContain('"SnapshotIds"');
  expect(example.template.toJSON().Outputs.AmiId).toEqual({ Value: ofTheImport('Golden', 'AmiId') });
});

test('the license stays the owner\'s, and the license configuration counts it', () => {
  expect(example.imports[0]?.ImportImage).toMatchObject({
    LicenseType: 'BYOL', LicenseSpecifications: [{ LicenseConfigurationArn: LICENSE_CONFIGURATION }],
  });
});

test('the service role uses this license configuration only', () => {
  expect(example.serviceRoleMay('license-manager')).toStrictEqual([
    { Effect: 'Allow', Action: ['ec2:Describe*', 'license-manager:ListLicenseSpecificationsForResource'], Resource: '*' },
    {
      Effect: 'Allow',
      Action: ['license-manager:GetLicenseConfiguration', 'license-manager:UpdateLicenseSpecificationsForResource'],
      Resource: LICENSE_CONFIGURATION,
    },
  ]);
});
