/**
 * Performs the changes that were decided. Each asks for a state rather than a change, so it may be repeated.
 */
import {
  DisableImageDeprecationCommand,
  DisableImageDeregistrationProtectionCommand,
  EnableImageDeprecationCommand,
  EnableImageDeregistrationProtectionCommand,
  ModifyImageAttributeCommand,
} from '@aws-sdk/client-ec2';
import type { AmiChange } from './changes';
import { DESCRIPTION_TAG } from '../../src/shared/contract/names';
import type { Aws } from '../aws/clients';
import { createTags } from '../aws/tags';

/** An AMI and the import id in its tags. */
export interface TaggedAmi {
  readonly amiId: string;
  readonly importId: string;
}

export async function changeAmi(aws: Aws, { amiId: ImageId, importId }: TaggedAmi, changes: readonly AmiChange[]): Promise<void> {
  const options = { abortSignal: aws.signal };
  for (const change of changes) {
    switch (change.kind) {
      case 'require-imdsv2':
        await aws.ec2.send(new ModifyImageAttributeCommand({ ImageId, ImdsSupport: { Value: 'v2.0' } }), options);
        break;
      case 'note-description':
        await createTags(aws, importId, [ImageId], { [DESCRIPTION_TAG]: change.description });
        break;
      case 'describe':
        await aws.ec2.send(new ModifyImageAttributeCommand({ ImageId, Description: { Value: change.description } }), options);
        break;
      case 'share':
        await aws.ec2.send(
          new ModifyImageAttributeCommand({ ImageId, LaunchPermission: { Add: [...change.add], Remove: [...change.remove] } }),
          options,
        );
        break;
      case 'deprecate':
        await aws.ec2.send(new EnableImageDeprecationCommand({ ImageId, DeprecateAt: new Date(change.at) }), options);
        break;
      case 'cancel-deprecation':
        await aws.ec2.send(new DisableImageDeprecationCommand({ ImageId }), options);
        break;
      case 'protect':
        await aws.ec2.send(
          new EnableImageDeregistrationProtectionCommand({ ImageId, WithCooldown: change.protection === 'enabled-with-cooldown' }),
          options,
        );
        break;
      case 'lift-protection':
        await aws.ec2.send(new DisableImageDeregistrationProtectionCommand({ ImageId }), options);
        break;
    }
  }
}
