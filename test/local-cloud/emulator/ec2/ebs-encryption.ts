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
  return { KmsKeyId: world.settings.defaultKmsKeyId ?? 'alias/aws/ebs' };
}
