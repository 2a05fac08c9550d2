import type { CompleteSnapshotRequest, CompleteSnapshotResponse, StartSnapshotRequest, StartSnapshotResponse } from '@aws-sdk/client-ebs';
import { AwsError } from '../aws-error';
import type { Call } from '../call';
import { canonical, recall } from '../client-token';
import { checkedTags, tagList } from '../ec2/tags';
import { encryptionOf, isDefaultKeyDenied } from '../encryption';
import { TokenBucket } from '../token-bucket';
import { BLOCK_SIZE, FileBlockStore, NoBlockStore } from './block-store';
import { snapshotNamed } from './direct-snapshot';
import { DirectSnapshot, isDirect, linearChecksum } from './direct-upload';
import { accountThrottled, invalid, keyDenied } from './errors';

const MINUTE = 60_000;
const TIMEOUT = { min: 10, max: 4_320, default: 60 };
const MAX_VOLUME_GIB = 65_536;

/** @see https://docs.aws.amazon.com/ebs/latest/APIReference/API_StartSnapshot.html */
export function startSnapshot(request: StartSnapshotRequest, call: Call): StartSnapshotResponse {
  const { world } = call;
  const { ClientToken, ...parameters } = request;
  if (!world.limits.startSnapshot.take(call.now)) {
    throw accountThrottled(call);
  }
  checkStart(request);
  const before = recall(world.startSnapshotTokens, ClientToken, canonical(parameters));
  switch (before.kind) {
    case 'same':
      return before.answer;
    case 'mismatch':
      throw new AwsError('ConflictException', 'The client token was used before with other parameters', 409);
    case 'new':
  }
  if (world.pendingSnapshots().length >= world.settings.pendingSnapshotQuota) {
    throw new AwsError('ConcurrentLimitExceededException', 'You have reached the limit of pending snapshots');
  }
  const snapshot = newSnapshot(request, call);
  world.addSnapshot(snapshot);
  call.touched.add(snapshot.id);
  const answer = describe(snapshot);
  if (ClientToken !== undefined) {
    world.startSnapshotTokens.set(ClientToken, { at: call.now, parameters: canonical(parameters), answer });
  }
  return answer;
}

/** @see https://docs.aws.amazon.com/ebs/latest/APIReference/API_CompleteSnapshot.html */
export function completeSnapshot(request: CompleteSnapshotRequest, call: Call): CompleteSnapshotResponse {
  const { world } = call;
  if (!world.limits.completeSnapshot.take(call.now)) {
    throw accountThrottled(call);
  }
  const snapshot = snapshotNamed(request.SnapshotId ?? '', call);
  call.touched.add(snapshot.id);
  if (!isDirect(snapshot) || snapshot.description.State === 'error') {
    throw invalid('INVALID_SNAPSHOT_ID', `The snapshot '${snapshot.id}' cannot be completed: its state must be pending`);
  }
  checkComplete(request, snapshot);
  if (snapshot.direct.completesAt !== undefined && world.answer('ebsSecondComplete') === 'ValidationException') {
    throw invalid('INVALID_SNAPSHOT_ID', `The snapshot '${snapshot.id}' is completed already`);
  }
  snapshot.direct.completesAt ??= call.now + world.settings.snapshotCompletionMs;
  return { Status: snapshot.description.State === 'completed' ? 'completed' : 'pending' };
}

function checkStart(request: StartSnapshotRequest): void {
  const { VolumeSize = 0, Timeout = TIMEOUT.default, Description = '', ClientToken, Encrypted, KmsKeyArn, ParentSnapshotId, Tags = [] } = request;
  if (!Number.isInteger(VolumeSize) || VolumeSize < 1 || VolumeSize > MAX_VOLUME_GIB) {
    throw invalid('INVALID_VOLUME_SIZE', `The volume size must be 1 to ${MAX_VOLUME_GIB} GiB, got ${VolumeSize}`);
  }
  if (!Number.isInteger(Timeout) || Timeout < TIMEOUT.min || Timeout > TIMEOUT.max) {
    throw invalid('INVALID_PARAMETER_VALUE', `The timeout must be ${TIMEOUT.min} to ${TIMEOUT.max} minutes, got ${Timeout}`);
  }
  // The user guide allows 64 characters of a token, the reference 255; a client has to live with the smaller limit.
  if (Description.length > 255 || (ClientToken !== undefined && !/^[\x21-\x7e]{1,64}$/.test(ClientToken))) {
    throw invalid('INVALID_PARAMETER_VALUE', 'A description has up to 255 characters, a client token 1 to 64 ASCII characters');
  }
  if (Encrypted !== undefined && ParentSnapshotId !== undefined) {
    throw invalid('INVALID_PARAMETER_VALUE', 'Encrypted and ParentSnapshotId cannot be specified together');
  }
  if (KmsKeyArn !== undefined && !/^arn:[a-z-]+:kms:.+:(\d{12}):(key|alias)\/.+/.test(KmsKeyArn)) {
    throw invalid('INVALID_CUSTOMER_KEY', `The key '${KmsKeyArn}' is not an ARN`);
  }
  if (KmsKeyArn !== undefined && Encrypted !== true) {
    throw invalid('INVALID_PARAMETER_VALUE', 'KmsKeyArn requires Encrypted to be true');
  }
  if (ParentSnapshotId !== undefined) {
    throw new Error('The emulator has no incremental snapshots');
  }
  try {
    checkedTags(Tags);
  } catch (error) {
    throw error instanceof AwsError ? invalid('INVALID_TAG', error.message) : error;
  }
}

function newSnapshot(request: StartSnapshotRequest, call: Call): DirectSnapshot {
  const { world, now } = call;
  const { settings } = world;
  const encryption = encryptionOf(settings, { encrypted: request.Encrypted, key: request.KmsKeyArn });
  // https://docs.aws.amazon.com/ebs/latest/userguide/ebsapi-permissions.html: the caller needs permissions on a customer managed key.
  if (isDefaultKeyDenied(settings, { encrypted: request.Encrypted, key: request.KmsKeyArn })) {
    throw keyDenied();
  }
  if (request.Encrypted === false && encryption.encrypted) {
    throw invalid('INVALID_PARAMETER_VALUE', 'Encryption by default is enabled for the account, so Encrypted cannot be false');
  }
  return {
    kind: 'snapshot',
    id: world.newId('snap'),
    serial: world.newSerial(),
    createdAt: now,
    tags: new Map(checkedTags(request.Tags ?? [])),
    origin: 'direct',
    description: {
      Description: request.Description ?? '',
      Encrypted: encryption.encrypted,
      KmsKeyId: encryption.key,
      OwnerId: settings.account,
      Progress: '0%',
      StartTime: new Date(now),
      State: 'pending',
      VolumeId: 'vol-ffffffff',
      VolumeSize: request.VolumeSize,
    },
    direct: {
      timeoutMs: (request.Timeout ?? TIMEOUT.default) * MINUTE,
      blocks: settings.blocks === 'stored' ? new FileBlockStore() : new NoBlockStore(),
      written: new Map(),
      writing: new Set(),
      writes: new TokenBucket(settings.snapshotWritesPerSecond, settings.snapshotWritesPerSecond, now),
      lastWriteAt: now,
    },
  };
}

function checkComplete(request: CompleteSnapshotRequest, { id, direct }: DirectSnapshot): void {
  const { ChangedBlocksCount, Checksum, ChecksumAlgorithm, ChecksumAggregationMethod } = request;
  if (ChangedBlocksCount !== direct.written.size) {
    throw invalid('INVALID_PARAMETER_VALUE', `ChangedBlocksCount is ${ChangedBlocksCount}, but ${direct.written.size} blocks were written to ${id}`);
  }
  const given = [Checksum, ChecksumAlgorithm, ChecksumAggregationMethod].filter((value) => value !== undefined);
  if (given.length === 0) {
    return;
  }
  if (given.length < 3 || ChecksumAlgorithm !== 'SHA256' || ChecksumAggregationMethod !== 'LINEAR') {
    throw invalid('INVALID_PARAMETER_VALUE', 'A checksum requires the algorithm SHA256 and the aggregation method LINEAR');
  }
  if (Checksum !== linearChecksum(direct)) {
    throw invalid('INVALID_PARAMETER_VALUE', `The checksum does not match the blocks of ${id}`);
  }
}

function describe({ id, description, tags }: DirectSnapshot): StartSnapshotResponse {
  return {
    BlockSize: BLOCK_SIZE,
    Description: description.Description,
    KmsKeyArn: description.KmsKeyId,
    OwnerId: description.OwnerId,
    SnapshotId: id,
    StartTime: description.StartTime,
    Status: 'pending',
    Tags: tagList(tags),
    VolumeSize: description.VolumeSize,
  };
}
