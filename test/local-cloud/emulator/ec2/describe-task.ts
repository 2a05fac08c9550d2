import type { ImportImageTask, SnapshotDetail } from '@aws-sdk/client-ec2';
import { Settings } from '../settings';
import { answerTo } from '../unknowns';
import { architectureOf, usageOperationOf } from './make-ami';
import { tagList } from './tags';
import { ImportTask, progressOf, statusOf, VALIDATED_PROGRESS } from './task';

/** A task as EC2 shows it. */
export function describeTask(task: ImportTask, now: number, settings: Settings): ImportImageTask {
  const { request, end } = task;
  const { status, statusMessage, progress } = statusOf(task, now, settings);
  return {
    // What EC2 finds out by looking at the disk stays unsaid until it has looked.
    Architecture: request.Architecture ?? (progressOf(task, now) >= VALIDATED_PROGRESS ? architectureOf(request) : undefined),
    BootMode: request.BootMode,
    Description: request.Description,
    Encrypted: request.Encrypted,
    Hypervisor: request.Hypervisor,
    ImageId: end?.kind === 'completed' ? end.amiId : undefined,
    ImportTaskId: task.id,
    KmsKeyId: request.KmsKeyId,
    LicenseSpecifications: request.LicenseSpecifications?.map(({ LicenseConfigurationArn }) => ({ LicenseConfigurationArn })),
    LicenseType: request.LicenseType ?? (request.UsageOperation ? undefined : licenseTypeOf(task)),
    Platform: request.Platform,
    Progress: progress?.toString(),
    SnapshotDetails: snapshotDetails(task, now, settings),
    Status: status,
    StatusMessage: statusMessage,
    Tags: tagList(task.tags),
    UsageOperation: end?.kind === 'completed' ? usageOperationOf(request) : request.UsageOperation,
  };
}

function licenseTypeOf({ request }: ImportTask): string | undefined {
  return request.Platform === undefined ? undefined : request.Platform === 'Windows' ? 'AWS' : 'BYOL';
}

function snapshotDetails(task: ImportTask, now: number, settings: Settings): SnapshotDetail[] {
  const listsSource = task.end?.kind === 'failed' && answerTo(settings.answers, 'failedTaskSnapshots') === 'source';
  const digests = task.disks.kind === 'read' ? task.disks.digests : [];
  return (task.request.DiskContainers ?? []).map((container, index) => {
    const { UserBucket } = container;
    const read = digests.find(({ bucket, key }) => bucket === UserBucket?.S3Bucket && key === UserBucket.S3Key);
    return {
      Description: container.Description,
      DeviceName: container.DeviceName,
      DiskImageSize: read?.size,
      Format: container.Format?.toUpperCase(),
      Status: progressOf(task, now) >= VALIDATED_PROGRESS ? 'completed' : 'active',
      SnapshotId: task.end?.snapshotIds[index] ?? (listsSource ? container.SnapshotId : undefined),
      Url: container.Url,
      UserBucket,
    };
  });
}
