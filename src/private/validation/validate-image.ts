import { Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { VmImportImageProps } from '../../vm-import-image-props';
import { ValidationError } from './errors';
import { logGroupNameOf } from './log-group-name';
import { requireText } from './require-text';
import { requirePlatform } from './require-type';

/** https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImportVmImage.html: 2^30-1 */
const LARGEST_VERSION_PART = 1_073_741_823;

/**
 * ImportVmImage takes any text of up to 1,024 characters, but the ARN that it makes of it has only these characters.
 * The ARN is also the value of a tag, which has at most 256 characters, and part of CloudFormation's answer of at most
 * 4,096 bytes: hence the 128 of Image Builder's other names.
 */
const IMAGE_NAME = /^(?! )[A-Za-z0-9_ -]{1,128}(?<! )$/;

/** https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImageLoggingConfiguration.html */
const LOG_GROUP_NAME = /^[a-zA-Z0-9\-_/.]{1,512}$/;

/** What ImportVmImage would refuse. */
export function validateImage(scope: Construct, props: VmImportImageProps): void {
  validateVersion(scope, props.semanticVersion);
  requirePlatform(scope, props.platform);
  if (props.imageName !== undefined && !Token.isUnresolved(props.imageName) && !IMAGE_NAME.test(props.imageName)) {
    throw new ValidationError(
      `imageName ${JSON.stringify(props.imageName)} cannot be part of an ARN: give 1 to 128 letters, digits, hyphens, underscores and inner spaces.`,
      scope,
    );
  }
  requireText(scope, 'description', props.description, 1024);
  requireText(scope, 'osVersion', props.osVersion);
  requireText(scope, 'revision', props.revision);
  const logGroupName = props.logGroup && logGroupNameOf(props.logGroup);
  if (logGroupName !== undefined && !LOG_GROUP_NAME.test(logGroupName)) {
    throw new ValidationError(
      `Image Builder does not write to the log group ${JSON.stringify(logGroupName)}: give one whose name has 1 to 512 letters, digits, hyphens, underscores, slashes and dots.`,
      scope,
    );
  }
}

function validateVersion(scope: Construct, version: string): void {
  if (Token.isUnresolved(version)) {
    return;
  }
  if (!/^[0-9]+\.[0-9]+\.[0-9]+$/.test(version)) {
    throw new ValidationError(
      `semanticVersion ${JSON.stringify(version)} is not of the form <major>.<minor>.<patch>: give one like 1.0.0.`,
      scope,
    );
  }
  const tooLarge = version.split('.').find((part) => Number(part) > LARGEST_VERSION_PART);
  if (tooLarge !== undefined) {
    throw new ValidationError(
      `semanticVersion ${version} has the number ${tooLarge}: give numbers up to ${LARGEST_VERSION_PART} (2^30-1).`,
      scope,
    );
  }
}
