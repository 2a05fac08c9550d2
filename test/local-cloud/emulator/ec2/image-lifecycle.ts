import type {
  DisableImageRequest, EnableImageRequest, ImageState,
  DisableImageDeprecationRequest, DisableImageDeregistrationProtectionRequest, DisableImageDeregistrationProtectionResult,
  EnableImageDeprecationRequest, EnableImageDeregistrationProtectionRequest, EnableImageDeregistrationProtectionResult,
} from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error';
import { Call } from '../call';
import { checkDryRun } from './dry-run';
import { amiNamed } from './images';

const MINUTE = 60_000;
const COOLDOWN = 24 * 60 * MINUTE;
const YEAR = 365.25 * 24 * 60 * MINUTE;

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableImageDeprecation.html */
export function enableImageDeprecation(request: EnableImageDeprecationRequest, call: Call): { Return: boolean } {
  const ami = amiNamed(request.ImageId ?? '', call);
  const asked = request.DeprecateAt?.getTime() ?? Number.NaN;
  if (!(asked > call.now)) {
    throw new AwsError('InvalidParameterValue', 'The value for DeprecateAt must be a time in the future');
  }
  const latest = ami.description.Public ? ami.createdAt + 2 * YEAR : call.now + 10 * YEAR;
  if (asked > latest) {
    throw new AwsError('InvalidParameterValue', `The value for DeprecateAt must be before ${new Date(latest).toISOString()}`);
  }
  checkDryRun(request.DryRun);
  ami.description = { ...ami.description, DeprecationTime: new Date(Math.round(asked / MINUTE) * MINUTE).toISOString() };
  call.touched.add(ami.id);
  return { Return: true };
}

export function disableImageDeprecation(request: DisableImageDeprecationRequest, call: Call): { Return: boolean } {
  const ami = amiNamed(request.ImageId ?? '', call);
  checkDryRun(request.DryRun);
  ami.description = { ...ami.description, DeprecationTime: undefined };
  call.touched.add(ami.id);
  return { Return: true };
}

/** Makes an AMI unusable, and invisible unless IncludeDisabled asks for it. @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/disable-an-ami.html */
export function disableImage(request: DisableImageRequest, call: Call): { Return: boolean } {
  return turn(request, call, { from: 'available', to: 'disabled' });
}

export function enableImage(request: EnableImageRequest, call: Call): { Return: boolean } {
  return turn(request, call, { from: 'disabled', to: 'available' });
}

function turn(
  request: DisableImageRequest | EnableImageRequest, call: Call, states: { readonly from: ImageState; readonly to: ImageState },
): { Return: boolean } {
  const ami = amiNamed(request.ImageId ?? '', call);
  checkDryRun(request.DryRun);
  if (ami.description.State !== states.from) {
    throw new AwsError('IncorrectState', `The image ${ami.id} is ${ami.description.State}`);
  }
  ami.description = { ...ami.description, State: states.to };
  call.touched.add(ami.id);
  return { Return: true };
}

/** @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ami-deregistration-protection.html */
export function enableImageDeregistrationProtection(
  request: EnableImageDeregistrationProtectionRequest, call: Call,
): EnableImageDeregistrationProtectionResult {
  const ami = amiNamed(request.ImageId ?? '', call);
  checkDryRun(request.DryRun);
  const DeregistrationProtection = request.WithCooldown ? 'enabled-with-cooldown' : 'enabled-without-cooldown';
  const { DeregistrationProtection: current = 'disabled' } = ami.description;
  if (call.world.answer('protection') === 'no' && current !== 'disabled' && current !== DeregistrationProtection) {
    throw new AwsError('IncorrectState', `The deregistration protection of ${ami.id} must be disabled first`);
  }
  ami.description = { ...ami.description, DeregistrationProtection };
  ami.cooldownUntil = undefined;
  call.touched.add(ami.id);
  return { Return: DeregistrationProtection };
}

export function disableImageDeregistrationProtection(
  request: DisableImageDeregistrationProtectionRequest, call: Call,
): DisableImageDeregistrationProtectionResult {
  const ami = amiNamed(request.ImageId ?? '', call);
  checkDryRun(request.DryRun);
  if (ami.description.DeregistrationProtection === 'enabled-with-cooldown') {
    ami.cooldownUntil = call.now + COOLDOWN;
  }
  ami.description = { ...ami.description, DeregistrationProtection: 'disabled' };
  call.touched.add(ami.id);
  return { Return: 'disabled' };
}
