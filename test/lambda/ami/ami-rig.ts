import type { CloudFormationRequest, Properties } from '../../../lambda/cloudformation/requests';
import { AMI_RESOURCE_TYPE } from '../../../src/shared/contract/names';
import type { Settings } from '../../local-cloud/emulator';
import { succeeded } from '../outcome';
import { Rig, type Outcome } from '../rig';

/** An import that stands, and requests about the properties of its AMI. */
export class AmiRig {
  /** The account and the handlers, with an imported AMI. */
  static async withImport(settings: Partial<Settings> = {}): Promise<AmiRig> {
    const rig = new Rig(settings);
    const imported = succeeded(await rig.deliver(rig.create()));
    return new AmiRig(rig, imported.data.AmiId ?? '', imported.id);
  }

  private constructor(readonly rig: Rig, readonly importedAmi: string, readonly importId: string) {}

  create(properties: Properties): CloudFormationRequest {
    return {
      ...this.rig.create(),
      LogicalResourceId: 'GoldenAmi',
      ResourceType: AMI_RESOURCE_TYPE,
      ResourceProperties: this.properties(properties),
    };
  }

  update(id: string, before: Properties, after: Properties): CloudFormationRequest {
    return { ...this.create(after), RequestType: 'Update', PhysicalResourceId: id, OldResourceProperties: this.properties(before) };
  }

  delete(id: string, properties: Properties): CloudFormationRequest {
    return { ...this.create(properties), RequestType: 'Delete', PhysicalResourceId: id };
  }

  async deliver(event: CloudFormationRequest): Promise<Outcome> {
    return this.rig.deliver(event);
  }

  /** How often EC2 was asked to change something since the import stood. */
  changes(): readonly string[] {
    return this.rig.cloud.calls({ service: 'ec2' }).map(({ action }) => action).filter((action) => /^(Modify|Enable|Disable|Copy)/.test(action));
  }

  async ami(id: string) {
    return (await this.rig.cloud.state()).amis.find(({ ImageId }) => ImageId === id);
  }

  private properties(properties: Properties): Properties {
    return { ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:provider', SourceImageId: this.importedAmi, ...properties };
  }
}
