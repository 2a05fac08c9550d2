import { Fn, Token } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { requirePlatform, requireText, ValidationError } from './requirements';
import type { VmImportImageProps } from '../../vm-import-image';

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

/**
 * Where Image Builder's service-linked role, AWSServiceRoleForImageBuilder, may write.
 * https://docs.aws.amazon.com/imagebuilder/latest/userguide/image-builder-service-linked-role.html
 */
const LOG_GROUP_PREFIX = '/aws/imagebuilder/';

/** Refuses what ImportVmImage would refuse. */
export function validateImage(scope: Construct, props: VmImportImageProps): void {
  validateVersion(scope, props.semanticVersion);
  requirePlatform(scope, props.platform);
  requireText(scope, 'imageName', props.imageName);
  if (props.imageName !== undefined && !Token.isUnresolved(props.imageName) && !IMAGE_NAME.test(props.imageName)) {
    throw new ValidationError(
      `imageName ${JSON.stringify(props.imageName)} cannot be part of an ARN: use 1 to 128 letters, digits, hyphens, underscores and inner spaces.`,
      scope,
    );
  }
  requireText(scope, 'description', props.description, 1024);
  requireText(scope, 'osVersion', props.osVersion);
  requireText(scope, 'revision', props.revision);
  if (props.logGroup !== undefined) {
    validateLogGroup(scope, props.logGroup);
  }
}

function validateLogGroup(scope: Construct, logGroup: logs.ILogGroup): void {
  const name = logGroupNameOf(logGroup);
  if (hasGeneratedName(logGroup) || name?.startsWith(LOG_GROUP_PREFIX) === false) {
    throw new ValidationError(
      `The log group ${name === undefined ? logGroup.node.path : JSON.stringify(name)} is outside ${LOG_GROUP_PREFIX}, the only place where the service-linked role of Image Builder may write: set a logGroupName that begins with ${LOG_GROUP_PREFIX}.`,
      scope,
    );
  }
  if (name !== undefined && !LOG_GROUP_NAME.test(name)) {
    throw new ValidationError(
      `Image Builder does not write to the log group ${JSON.stringify(name)}: use one whose name has 1 to 512 letters, digits, hyphens, underscores, slashes and dots.`,
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
      `semanticVersion ${JSON.stringify(version)} is not of the form <major>.<minor>.<patch>: use one like 1.0.0.`,
      scope,
    );
  }
  const tooLarge = version.split('.').find((part) => Number(part) > LARGEST_VERSION_PART);
  if (tooLarge !== undefined) {
    throw new ValidationError(
      `semanticVersion ${version} has the number ${tooLarge}: use numbers up to ${LARGEST_VERSION_PART} (2^30-1).`,
      scope,
    );
  }
}

/**
 * The name of a log group, where it is known at synthesis. A log group of the app has a reference for a name, but
 * the name it was given stands in its resource.
 */
function logGroupNameOf(logGroup: logs.ILogGroup): string | undefined {
  const resource = logGroup.node.defaultChild;
  const name = resource instanceof logs.CfnLogGroup ? resource.logGroupName : logGroup.logGroupName;
  return Token.isUnresolved(name) ? undefined : name;
}

/** Whether CloudFormation chooses the name, from the names of stack and resource. */
function hasGeneratedName(logGroup: logs.ILogGroup): boolean {
  const resource = logGroup.node.defaultChild;
  return resource instanceof logs.CfnLogGroup && resource.stack.resolve(resource.logGroupName) === undefined;
}

const IMAGE_ARN = /^arn:aws[^:]*:imagebuilder:[^:]+:(?:[0-9]{12}|aws(?:-[a-z-]+)?):image\/([a-z0-9-_]+)\/([0-9]+\.[0-9]+\.[0-9]+\/[0-9]+)$/;

/** Name and version with build number in the ARN of an image, `arn:…:image/<name>/<x.y.z>/<build>`. */
export function parseImageArn(scope: Construct, arn: string): { readonly name: string; readonly version: string } {
  if (Token.isUnresolved(arn)) {
    const part = (index: number) => Fn.select(index, Fn.split('/', arn));
    return { name: part(1), version: `${part(2)}/${part(3)}` };
  }
  const [, name, version] = IMAGE_ARN.exec(arn) ?? [];
  if (name === undefined || version === undefined) {
    throw new ValidationError(
      `${JSON.stringify(arn)} is not the ARN of an Image Builder image: use one like arn:aws:imagebuilder:eu-west-1:123456789012:image/name/1.0.0/1.`,
      scope,
    );
  }
  return { name, version };
}
