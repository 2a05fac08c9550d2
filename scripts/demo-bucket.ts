import { CreateBucketCommand, ListObjectVersionsCommand, PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { demoDisk } from './demo-disk';
import { descriptor, tar } from '../test/disk-images/archives';
import { streamVmdk } from '../test/disk-images/stream-vmdk';
import type { LocalCloud } from '../test/local-cloud/local-cloud';

/** The bucket of exported virtual machines in the tour. It keeps versions. */
export class DemoBucket {
  public static async named(cloud: LocalCloud, name: string): Promise<DemoBucket> {
    await cloud.s3.send(new CreateBucketCommand({ Bucket: name }));
    await cloud.s3.send(new PutBucketVersioningCommand({ Bucket: name, VersioningConfiguration: { Status: 'Enabled' } }));
    return new DemoBucket(cloud, name);
  }

  private constructor(private readonly cloud: LocalCloud, private readonly name: string) {}

  /** Puts an OVA of two disks that say what they are. */
  public async upload(Key: string, label: string): Promise<void> {
    const disk = streamVmdk(demoDisk(label));
    const Body = tar([['rhel9.ovf', descriptor('vmware')], ['rhel9-disk1.vmdk', disk], ['rhel9-disk2.vmdk', disk]]);
    await this.cloud.s3.send(new PutObjectCommand({ Bucket: this.name, Key, Body }));
  }

  /** The versions of an object and its delete markers, the current one first. */
  public async versions(Prefix: string): Promise<readonly string[]> {
    const { Versions = [], DeleteMarkers = [] } = await this.cloud.s3.send(new ListObjectVersionsCommand({ Bucket: this.name, Prefix }));
    return [...DeleteMarkers, ...Versions].map(({ VersionId = '' }) => VersionId);
  }
}
