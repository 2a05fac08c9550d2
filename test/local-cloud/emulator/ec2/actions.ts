import {
  CancelImportTask$, CopyImage$, CreateTags$, DeleteSnapshot$, DeleteTags$, DeregisterImage$, DescribeImageAttribute$, DescribeImages$,
  DescribeImportImageTasks$, DescribeInstances$, DescribeLaunchTemplateVersions$, DescribeSnapshots$, DisableImage$, DisableImageDeprecation$,
  DisableImageDeregistrationProtection$, EnableImage$, EnableImageDeprecation$, EnableImageDeregistrationProtection$, GetEbsDefaultKmsKeyId$,
  GetEbsEncryptionByDefault$, ImportImage$, ModifyImageAttribute$, RegisterImage$,
} from '@aws-sdk/client-ec2';
import { Call } from '../call';
import { Operation, operationOf } from '../schema';
import { describeInstances, describeLaunchTemplateVersions } from './ami-users';
import { copyImage } from './copy-image';
import { getEbsDefaultKmsKeyId, getEbsEncryptionByDefault } from './ebs-encryption';
import { describeImageAttribute, modifyImageAttribute } from './image-attributes';
import {
  disableImage, disableImageDeprecation, disableImageDeregistrationProtection, enableImage, enableImageDeprecation,
  enableImageDeregistrationProtection,
} from './image-lifecycle';
import { deregisterImage, describeImages } from './images';
import { importImage } from './import-image';
import { cancelImportTask, describeImportImageTasks } from './import-tasks';
import { registerImage } from './register-image';
import { deleteSnapshot, describeSnapshots } from './snapshots';
import { createTags, deleteTags } from './tags';

export interface Ec2Action {
  readonly operation: Operation;
  run(request: Record<string, unknown>, call: Call): object | undefined | Promise<object | undefined>;
}

/** Every action the emulator has; another one is a line here and its handler. */
export const EC2_ACTIONS: ReadonlyMap<string, Ec2Action> = new Map([
  action(CancelImportTask$, cancelImportTask),
  action(CopyImage$, copyImage),
  action(CreateTags$, createTags),
  action(DeleteSnapshot$, deleteSnapshot),
  action(DeleteTags$, deleteTags),
  action(DeregisterImage$, deregisterImage),
  action(DescribeImageAttribute$, describeImageAttribute),
  action(DescribeImages$, describeImages),
  action(DescribeImportImageTasks$, describeImportImageTasks),
  action(DescribeInstances$, describeInstances),
  action(DescribeLaunchTemplateVersions$, describeLaunchTemplateVersions),
  action(DescribeSnapshots$, describeSnapshots),
  action(DisableImage$, disableImage),
  action(DisableImageDeprecation$, disableImageDeprecation),
  action(DisableImageDeregistrationProtection$, disableImageDeregistrationProtection),
  action(EnableImage$, enableImage),
  action(EnableImageDeprecation$, enableImageDeprecation),
  action(EnableImageDeregistrationProtection$, enableImageDeregistrationProtection),
  action(GetEbsDefaultKmsKeyId$, getEbsDefaultKmsKeyId),
  action(GetEbsEncryptionByDefault$, getEbsEncryptionByDefault),
  action(ImportImage$, importImage),
  action(ModifyImageAttribute$, modifyImageAttribute),
  action(RegisterImage$, registerImage),
].map((entry) => [entry.operation.name, entry]));

function action<Request, Result extends object | undefined>(
  schema: readonly unknown[], handler: (request: Request, call: Call) => Result | Promise<Result>,
): Ec2Action {
  return {
    operation: operationOf(schema),
    // The request was decoded by the very schema that the SDK's request type is generated from.
    run: (request, call) => handler(request as Request, call),
  };
}
