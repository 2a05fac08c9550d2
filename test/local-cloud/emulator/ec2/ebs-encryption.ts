import type {
  GetEbsDefaultKmsKeyIdRequest, GetEbsDefaultKmsKeyIdResult, GetEbsEncryptionByDefaultRequest, GetEbsEncryptionByDefaultResult,
} from '@aws-sdk/client-ec2';
import { Call } from '../call';
import { checkDryRun } from './dry-run';

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetEbsEncryptionByDefault.html */
export function getEbsEncryptionByDefault(request: GetEbsEncryptionByDefaultRequest, { world }: Call): GetEbsEncryptionByDefaultResult {
  checkDryRun(request.DryRun);
  return { EbsEncryptionByDefault: world.settings.encryptionByDefault, SseType: world.settings.encryptionByDefault ? 'sse-kms' : 'none' };
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetEbsDefaultKmsKeyId.html */
export function getEbsDefaultKmsKeyId(request: GetEbsDefaultKmsKeyIdRequest, { world }: Call): GetEbsDefaultKmsKeyIdResult {
  checkDryRun(request.DryRun);
  const { account, defaultKmsKeyId, region } = world.settings;
  const managed = { alias: 'alias/aws/ebs', arn: `arn:aws:kms:${region}:${account}:key/0ea3fef3-80a7-4778-9d8c-1c0c6a3f1b2d` };
  return { KmsKeyId: defaultKmsKeyId ?? managed[world.answer('managedKey')] };
}
