import type { CopyImageRequest, CopyImageResult } from '@aws-sdk/client-ec2';
import { AwsError } from '../aws-error';
import { Call } from '../call';
import { canonical, recall } from '../client-token';
import { isDefaultKeyDenied } from '../encryption';
import { effectOf } from '../faults';
import type { AmiResource } from '../world';
import { checkName, checkNameIsFree } from './ami-name';
import { checkDryRun } from './dry-run';
import { amiNamed } from './images';
import { makeCopy } from './make-copy';
import { checkedTags } from './tags';

/** @see https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CopyImage.html */
export function copyImage(request: CopyImageRequest, call: Call): CopyImageResult {
  const { world } = call;
  const { ClientToken, Name = '' } = request;
  checkCopy(request, call);
  const parameters = canonical(request);
  const before = recall(world.copyImageTokens, ClientToken, parameters);
  switch (before.kind) {
    case 'same':
      return before.answer;
    case 'mismatch':
      throw new AwsError('IdempotentParameterMismatch', 'The client token was used before with other parameters');
    case 'new':
  }
  const source = amiNamed(request.SourceImageId ?? '', call);
  if (request.SourceRegion !== world.settings.region) {
    throw new AwsError('InvalidAMIID.NotFound', `The image id '[${source.id}]' does not exist`);
  }
  if (source.description.State !== 'available') {
    throw new AwsError('IncorrectState', `The image ${source.id} is ${source.description.State}`);
  }
  checkNameIsFree(Name, call);
  checkDryRun(request.DryRun);
  const failure = effectOf(call.rules, 'copyFails', call.now)?.reason ?? keyFailure(request, source, call);
  const { ami, snapshots } = makeCopy(request, source, { endsAt: call.now + world.settings.copyDurationMs, failure }, world);
  world.amis.set(ami.id, ami);
  snapshots.forEach((snapshot) => world.snapshots.set(snapshot.id, snapshot));
  [ami, ...snapshots].forEach(({ id }) => call.touched.add(id));
  const answer = { ImageId: ami.id };
  if (ClientToken !== undefined) {
    world.copyImageTokens.set(ClientToken, { at: call.now, parameters, answer });
  }
  return answer;
}

/** The sentence that EC2 is known to give for a copy under a default key that the copier may not use. */
function keyFailure({ Encrypted, KmsKeyId }: CopyImageRequest, source: AmiResource, { world }: Call): string | undefined {
  const encrypted = Encrypted === true || source.snapshotIds.some((id) => world.snapshots.get(id)?.description.Encrypted);
  return isDefaultKeyDenied(world.settings, { encrypted, key: KmsKeyId })
    ? 'Given key ID is not accessible. You must have DescribeKey permissions on the default CMK.'
    : undefined;
}

function checkCopy({ Name = '', ClientToken = '', Description = '', Encrypted, KmsKeyId, TagSpecifications = [] }: CopyImageRequest, call: Call): void {
  checkName(Name);
  if (ClientToken.length > 64 || Description.length > 255) {
    throw new AwsError('InvalidParameterValue', 'A client token has up to 64 characters, a description up to 255');
  }
  if (KmsKeyId !== undefined && Encrypted !== true) {
    throw new AwsError('InvalidParameterCombination', 'The parameter KmsKeyId requires the parameter Encrypted to be set.');
  }
  const stray = TagSpecifications.find(({ ResourceType }) => ResourceType !== 'image' && ResourceType !== 'snapshot');
  if (stray) {
    throw new AwsError('InvalidParameterValue', `'${stray.ResourceType}' is not a valid taggable resource type for this operation in ${call.world.settings.region}.`);
  }
  TagSpecifications.forEach(({ Tags }) => checkedTags(Tags ?? []));
}
