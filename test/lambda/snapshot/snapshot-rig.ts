import type { Aws } from '../../../lambda/aws/clients';
import type { PassResult } from '../../../lambda/aws/wait-out-errors';
import type { Properties } from '../../../lambda/cloudformation/requests';
import type { SnapshotResource } from '../../../lambda/snapshot/observe';
import { reconcileSnapshot, type SnapshotPass } from '../../../lambda/snapshot/reconcile';
import { removeSnapshot } from '../../../lambda/snapshot/removal';
import { parseSnapshotRequest } from '../../../lambda/snapshot/request';
import type { Settings } from '../../local-cloud/emulator';
import { createRequest } from '../requests';
import { Rig } from '../rig';

export const STATE_MACHINE = 'arn:aws:states:eu-west-1:111122223333:stateMachine:DiskCopier';

/** The properties of a snapshot resource as CloudFormation delivers them. */
export function snapshotProperties(change: Properties = {}): Properties {
  return {
    Disk: { S3Bucket: 'exports', S3Key: 'data.raw', Format: 'RAW' },
    StateMachineArn: STATE_MACHINE,
    Tags: { team: 'storage' },
    Timeout: '3000',
    ...change,
  };
}

/** One snapshot import over the emulator, in fake time. */
export class SnapshotRig {
  readonly rig: Rig;
  readonly id = 'vm-import-11111111-2222-4333-8444-555555555555-aaaaaaaaaaaa-bbbbbbbbbbbb-cccccccccccc';
  private readonly began: number;

  constructor(disk: Uint8Array, settings: Partial<Settings> = {}) {
    this.rig = new Rig(settings);
    this.rig.s3.putObject('exports', 'data.raw', disk, { etag: '"e1"' });
    this.began = this.rig.clock.now();
  }

  get aws(): Aws {
    return { ...this.rig.clients, signal: AbortSignal.timeout(60_000) };
  }

  resource(change: Properties = {}): SnapshotResource {
    const request = { ...createRequest(), ResourceType: 'Custom::VmImportSnapshot', ResourceProperties: snapshotProperties(change) };
    return { id: this.id, request: parseSnapshotRequest(request) };
  }

  pass(change: Partial<SnapshotPass> = {}, properties: Properties = {}): Promise<PassResult> {
    return reconcileSnapshot(this.aws, this.resource(properties), {
      phase: 'creating', elapsed: this.elapsed(), now: this.rig.clock.now(), isStillWanted: async () => true, isRollingBack: async () => false, ...change,
    });
  }

  /** Takes a pass every 30 s until one is the last. */
  async end(properties: Properties = {}): Promise<PassResult> {
    for (; this.elapsed() < 3_000; this.rig.clock.advance(30_000)) {
      const result = await this.pass({}, properties);
      if (result.kind !== 'wait') {
        return result;
      }
    }
    throw new Error('No pass was the last');
  }

  remove(): Promise<PassResult> {
    return removeSnapshot(this.aws, this.resource(), this.elapsed());
  }

  async snapshots() {
    return (await this.rig.cloud.state()).snapshots;
  }

  private elapsed(): number {
    return (this.rig.clock.now() - this.began) / 1_000;
  }
}
