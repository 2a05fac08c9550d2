import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CloudFormationRequest, Properties } from '../../../lambda/cloudformation/requests';
import { preflight } from '../../../lambda/preflight/preflight';
import { recordedImages } from '../../disk-images/image-library';
import { streamVmdk } from '../../disk-images/stream-vmdk';
import type { Settings } from '../../local-cloud/emulator';
import { importProperties } from '../requests';
import { Rig } from '../rig';
import type { S3Answer, S3Call } from '../s3-double';

const images = new Map(recordedImages().map(({ name, file }) => [name, file]));
const image = (name: string) => images.get(name)?.bytes() ?? Buffer.from(`there is no image ${name}`);
const GOOD = streamVmdk(image('mbr-raw'));
const QCOW2 = image('gpt-uefi-qcow2');
const SNAPSHOT = 'snap-0123456789abcdef0';
const CONTEXT = { getRemainingTimeInMillis: () => 60_000 };

type Disk = Properties;
const inBucket = (key: string, Format = 'VMDK'): Disk => ({ Format, UserBucket: { S3Bucket: 'exports', S3Key: key } });

function importOf(disks: readonly Disk[], change: Properties = {}): Properties {
  return { ImportImage: { DiskContainers: disks, RoleName: 'vmimport', ...change }, Preflight: undefined };
}

class PreflightRig extends Rig {
  async look(...disks: readonly Disk[]): Promise<unknown> {
    return this.send(this.create(importOf(disks)));
  }

  /** The reason that onEvent fails with; nothing where it does not. */
  async send(event: CloudFormationRequest): Promise<string | undefined> {
    return this.handlers.onEvent(event, CONTEXT).then(() => undefined, (error: Error) => error.stack);
  }

  get lines(): readonly unknown[] {
    return this.logs.filter(({ action, disk }) => action === 'preflight' && disk !== 'encryption').map(({ disk, status }) => `${disk}: ${status}`);
  }
}

let rig: PreflightRig;
beforeEach(() => {
  rig = new PreflightRig();
  rig.s3.putObject('exports', 'golden.vmdk', GOOD).putObject('exports', 'qcow2.vmdk', QCOW2);
});

const XML = (code: string) => Buffer.from(`<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
const denied = (): S3Answer => ({ status: 403, body: XML('AccessDenied') });
const unless = (matches: (call: S3Call) => boolean, answer: S3Answer) => (call: S3Call) => (matches(call) ? answer : undefined);

test('what fails is a line of its own in the log, for the metric of failed imports', async () => {
  const reason = await rig.look(inBucket('qcow2.vmdk'));
  expect(rig.logs.at(-1)).toMatchObject({ id: expect.stringMatching(/^vm-import-/), request: 'Create', action: 'fail' });
  expect(reason).toContain(rig.logs.at(-1)?.status);
});

describe('an object', () => {
  test('that EC2 imports passes after a few reads, which the log tells of', async () => {
    expect(await rig.look(inBucket('golden.vmdk'))).toBeUndefined();
    expect(rig.lines).toEqual([expect.stringMatching(/^s3:\/\/exports\/golden\.vmdk: VMDK \(streamOptimized\), \d+ bytes in \d reads$/)]);
    expect(rig.s3.bytes).toBeLessThan(256 * 1024);
    expect(rig.s3.calls.length).toBeLessThan(12);
  });

  test.each<[string, Disk, RegExp]>([
    ['a qcow2 named .vmdk', inBucket('qcow2.vmdk'), /^This VM cannot be imported: s3:\/\/exports\/qcow2\.vmdk is a qcow2 image, which VM Import\/Export does not import\. Convert it: qemu-img convert .* \(preflight: false skips this look\.\)$/],
    ['of another format than declared', inBucket('golden.vmdk', 'VHD'), /golden\.vmdk is declared as VHD but is a VMDK\./],
    ['that an s3:// URL names', { Format: 'VMDK', Url: 's3://exports/qcow2.vmdk' }, /s3:\/\/exports\/qcow2\.vmdk is a qcow2/],
    ['that a URL of Amazon S3 names', { Format: 'VMDK', Url: 'https://exports.s3.eu-west-1.amazonaws.com/qcow2.vmdk' }, /amazonaws\.com\/qcow2\.vmdk is a qcow2/],
    ['that is not there', inBucket('nothing.vmdk'), /There is no object s3:\/\/exports\/nothing\.vmdk: upload it, or check its key\./],
    ['in a bucket that is not there', { Format: 'RAW', UserBucket: { S3Bucket: 'no-bucket', S3Key: 'k' } }, /There is no bucket no-bucket: check its name\./],
  ])('%s fails the import in one sentence', async (_, disk, sentence) => {
    expect(await rig.look(disk)).toMatch(sentence);
    expect(rig.count('ImportImage')).toBe(0);
  });

  test('that is not there is told from a bucket that must not be listed', async () => {
    rig.s3.answerWith(unless(({ key }) => key === '', denied()));
    expect(await rig.look(inBucket('nothing.vmdk'))).toMatch(/There is no object/);
  });

  test.each<[number]>([[301], [400], [403]])('in a bucket of another Region fails the import, said with HTTP %i', async (status) => {
    rig.s3.answerWith(() => ({ status, headers: { 'x-amz-bucket-region': 'us-east-2' } }));
    expect(await rig.look(inBucket('golden.vmdk'))).toMatch(
      /The bucket exports is in us-east-2, but VM Import\/Export reads from buckets in the Region of the import, eu-west-1: copy the object to a bucket there\./,
    );
  });

  test.each<[string, Readonly<Record<string, string>>, RegExp | undefined]>([
    ['GLACIER', { 'x-amz-storage-class': 'GLACIER' }, /golden\.vmdk is in the archive GLACIER: restore it, or copy it to the storage class STANDARD\./],
    ['DEEP_ARCHIVE', { 'x-amz-storage-class': 'DEEP_ARCHIVE' }, /in the archive DEEP_ARCHIVE/],
    ['an archive that it is being restored from', { 'x-amz-storage-class': 'GLACIER', 'x-amz-restore': 'ongoing-request="true"' }, /in the archive GLACIER/],
    ['an archive of INTELLIGENT_TIERING', { 'x-amz-storage-class': 'INTELLIGENT_TIERING', 'x-amz-archive-status': 'ARCHIVE_ACCESS' }, /in the archive ARCHIVE_ACCESS/],
    ['an archive that it was restored from', { 'x-amz-storage-class': 'GLACIER', 'x-amz-restore': 'ongoing-request="false", expiry-date="Fri, 21 Dec 2029 00:00:00 GMT"' }, undefined],
    ['GLACIER_IR, which is read at once', { 'x-amz-storage-class': 'GLACIER_IR' }, undefined],
    ['INTELLIGENT_TIERING', { 'x-amz-storage-class': 'INTELLIGENT_TIERING' }, undefined],
  ])('in %s', async (_, headers, sentence) => {
    rig.s3.putObject('exports', 'golden.vmdk', GOOD, headers);
    const reason = await rig.look(inBucket('golden.vmdk'));
    expect(reason).toEqual(sentence === undefined ? undefined : expect.stringMatching(sentence));
  });

  test.each<[string, (call: S3Call) => S3Answer | undefined, RegExp]>([
    ['that must not be read', () => ({ status: 403 }), /could not look: Amazon S3 answers HTTP 403, access denied$/],
    ['of an Amazon S3 that is out of order', () => ({ status: 500 }), /could not look: Amazon S3 answers HTTP 500$/],
    ['whose key must not be used', unless(({ method }) => method === 'GET', denied()), /could not look: AccessDenied: AccessDenied/],
    ['that is throttled', unless(({ method }) => method === 'GET', { status: 503, body: XML('SlowDown') }), /could not look: SlowDown/],
    ['that is overwritten meanwhile', unless(({ method }) => method === 'GET', { status: 412, body: XML('PreconditionFailed') }), /could not look: PreconditionFailed/],
    ['that no range is given of', unless(({ method }) => method === 'GET', { status: 200, body: GOOD }), /could not look: Error: Amazon S3 answers HTTP 200 to GET of s3:\/\/exports\/golden.vmdk$/],
    ['of unknown length', unless(({ method }) => method === 'HEAD', { status: 200 }), /could not look: Amazon S3 does not say how long it is/],
    ['in a bucket that says that it is here', () => ({ status: 403, headers: { 'x-amz-bucket-region': 'eu-west-1' } }), /could not look: /],
  ])('%s is left to the import', async (_, answer, line) => {
    rig.s3.answerWith(answer);
    expect(await rig.look(inBucket('golden.vmdk'))).toBeUndefined();
    expect(rig.lines).toEqual([expect.stringMatching(line)]);
  });

  test('that no answer comes from is left to the import', async () => {
    rig.s3.answerWith(() => { throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }); });
    expect(await rig.look(inBucket('golden.vmdk'))).toBeUndefined();
    expect(rig.lines).toEqual([expect.stringMatching(/could not look: Error: connect ECONNREFUSED$/)]);
  });

  test('that answers nothing is left to the import', async () => {
    rig.s3.answerWith(unless(({ method }) => method === 'GET', { status: 206 }));
    expect(await rig.look(inBucket('golden.vmdk'))).toBeUndefined();
    expect(rig.lines).toEqual([expect.stringMatching(/inspection-incomplete/)]);
  });

  test('leaves no timer behind once it was looked at', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask', 'performance', 'Date'] });
    try {
      rig.s3.putObject('exports', 'golden.vmdk', GOOD);
      expect(await rig.look(inBucket('golden.vmdk'))).toBeUndefined();
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  test('that does not answer in time is left to the import', async () => {
    rig.s3.answerWith(() => new Promise<S3Answer>(() => undefined) as never);
    const lines: unknown[] = [];
    await preflight({
      clients: rig.clients,
      parameters: { RoleName: 'r', DiskContainers: [{ Format: 'VMDK', UserBucket: { S3Bucket: 'exports', S3Key: 'golden.vmdk' } }] },
      within: 20,
      log: ({ status }) => lines.push(status),
    });
    expect(lines).toEqual(['stands', 'could not look: it took longer than 0.02 s']);
  });
});

describe('several disks', () => {
  test('fail the import in one message with all that is wrong', async () => {
    expect(await rig.look(inBucket('qcow2.vmdk'), inBucket('nothing.vmdk'), inBucket('golden.vmdk', 'RAW'))).toMatch(
      /^This VM cannot be imported: .*qcow2.*There is no object s3:\/\/exports\/nothing\.vmdk.*is declared as RAW but is a VMDK/,
    );
  });

  test('with more than fits fail in a message of whole sentences that says how many there are more', async () => {
    const reason = await rig.look(...Array.from({ length: 21 }, (_, index) => inBucket(`a folder with a long name/nothing-${index}.vmdk`)));
    expect(reason).toMatch(/check its key\. And \d+ more, which the log has\. \(preflight: false skips this look\.\)$/);
    expect(/imported: (.*) And \d+ more/s.exec(String(reason))?.[1]?.length).toBeLessThanOrEqual(1_000);
    expect(rig.lines).toHaveLength(21);
  });

  test('are told of by one whole sentence at least, however long it is', async () => {
    const reason = await rig.look(inBucket(`${'long'.repeat(250)}-1.vmdk`), inBucket(`${'long'.repeat(250)}-2.vmdk`));
    expect(reason).toMatch(/This VM cannot be imported: There is no object s3:\/\/exports\/(long){250}-1\.vmdk.* And 1 more, which the log has\. \(preflight/);
  });

  test('need a partition table on the first only', async () => {
    rig.s3.putObject('exports', 'zeros.raw', Buffer.alloc(4096));
    await rig.look(inBucket('golden.vmdk'), inBucket('zeros.raw', 'RAW'));
    expect(rig.lines).not.toContainEqual(expect.stringMatching(/partition-table-missing/));
    await rig.look(inBucket('zeros.raw', 'RAW'));
    expect(rig.lines).toContainEqual(expect.stringMatching(/zeros\.raw: RAW \(flat\), .*; warning partition-table-missing: /));
  });
});

test('boot mode and platform of the import are compared with the disk', async () => {
  rig.s3.putObject('exports', 'uefi.raw', image('gpt-uefi-raw'));
  await rig.send(rig.create(importOf([inBucket('uefi.raw', 'RAW')], { BootMode: 'legacy-bios', Platform: 'Linux' })));
  expect(rig.lines).toEqual([expect.stringMatching(/warning boot-mode-legacy-on-gpt/)]);
});

describe('a snapshot', () => {
  const snapshot = (Snapshots: readonly object[]) => jest.spyOn(rig.clients.ec2, 'send').mockImplementation(async () => ({ Snapshots }));

  test('that is complete passes', async () => {
    snapshot([{ State: 'completed', Progress: '100%' }]);
    expect(await rig.look({ SnapshotId: SNAPSHOT })).toBeUndefined();
    expect(rig.lines).toEqual([`${SNAPSHOT}: stands`]);
  });

  test('of which EC2 says nothing passes', async () => {
    jest.spyOn(rig.clients.ec2, 'send').mockImplementation(async () => ({}));
    expect(await rig.look({ SnapshotId: SNAPSHOT })).toBeUndefined();
  });

  test('that is not complete fails the import', async () => {
    snapshot([{ State: 'pending', Progress: '42%' }]);
    expect(await rig.look({ SnapshotId: SNAPSHOT })).toMatch(`The snapshot ${SNAPSHOT} is not complete (pending, 42%): wait until it is.`);
  });

  test('that is not there fails the import', async () => {
    expect(await rig.look({ SnapshotId: SNAPSHOT })).toMatch(`There is no snapshot ${SNAPSHOT} in this account and Region: check its id.`);
  });

  test('that must not be described is left to the import', async () => {
    rig.cloud.addRule({ match: { action: 'DescribeSnapshots' }, effect: { kind: 'error', code: 'UnauthorizedOperation', message: 'no', status: 403 } } as never);
    expect(await rig.look({ SnapshotId: SNAPSHOT })).toBeUndefined();
    expect(rig.lines).toEqual([expect.stringMatching(/could not look: UnauthorizedOperation/)]);
  });
});

describe('a URL', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.close();
    server?.closeAllConnections();
  });

  const serve = async (listener: RequestListener): Promise<string> => {
    server = createServer((request, response) => {
      response.setHeader('connection', 'close');
      listener(request, response);
    });
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const whole = (response: ServerResponse, bytes: Uint8Array) => void response.end(bytes);
  /** Answers a range of the content, and so many bytes behind it. `send` ends the answer. */
  const ranges = (content: Uint8Array, extra = 0, send = whole): RequestListener => ({ headers: { range = '' } }, response) => {
    const [, start = 0, end = 0] = (/bytes=(\d+)-(\d+)/.exec(range) ?? []).map(Number);
    response.writeHead(206, { 'content-range': `bytes ${start}-${end}/${content.byteLength}` });
    send(response, content.subarray(start, end + 1 + extra));
  };
  const SECRET = '?X-Amz-Signature=secret';

  test('whose server allows ranges is looked at; its signature is in no message and in no log line', async () => {
    const url = `${await serve(ranges(QCOW2))}/disk.vmdk`;
    const reason = await rig.look({ Format: 'VMDK', Url: url + SECRET });
    expect(reason).toContain(`${url} is a qcow2 image`);
    expect(JSON.stringify([reason, rig.logs])).not.toContain('secret');
  });

  test('whose server gives more than was asked for is read no further than that', async () => {
    expect(await rig.look({ Format: 'VMDK', Url: `${await serve(ranges(GOOD, 100_000))}/disk.vmdk` })).toBeUndefined();
    expect(rig.lines).toEqual([expect.stringMatching(/VMDK \(streamOptimized\), \d+ bytes in \d reads$/)]);
  });

  test('whose server sends its ranges in parts is looked at', async () => {
    const inParts = ranges(GOOD, 0, (response, bytes) => {
      response.write(bytes.subarray(0, 1));
      setTimeout(() => response.end(bytes.subarray(1)), 50);
    });
    expect(await rig.look({ Format: 'VMDK', Url: `${await serve(inParts)}/disk.vmdk` })).toBeUndefined();
    expect(rig.lines).toEqual([expect.stringMatching(/VMDK \(streamOptimized\), \d+ bytes in \d reads$/)]);
  });

  test('whose server gives less than was asked for is left to the import', async () => {
    const url = await serve(({ headers: { range } }, response) => response.writeHead(206, { 'content-range': `${range?.replace('=', ' ')}/65536` }).end('\x01'));
    expect(await rig.look({ Format: 'VMDK', Url: `${url}/disk.vmdk` })).toBeUndefined();
    expect(rig.lines).toEqual([expect.stringMatching(/warning format-mismatch.*; info inspection-incomplete/)]);
  });

  test.each<[number, RegExp]>([[404, /There is nothing at http:\/\/127\.0\.0\.1:\d+\/disk\.vmdk \(HTTP 404\): check the URL\./], [410, /HTTP 410/]])(
    'with nothing at it (HTTP %i) fails the import', async (status, sentence) => {
      const url = await serve((_, response) => response.writeHead(status).end('nothing'));
      expect(await rig.look({ Format: 'VMDK', Url: `${url}/disk.vmdk${SECRET}` })).toMatch(sentence);
    });

  test.each<[string, RequestListener, RegExp]>([
    ['without ranges', (_, response) => response.end('all of it'), /could not look: its server gives no ranges/],
    ['that redirects', (_, response) => response.writeHead(302, { location: 'https://example.com/' }).end(), /its server answers HTTP 302/],
    ['that forbids', (_, response) => response.writeHead(403).end(), /its server answers HTTP 403/],
    ['that does not say how long the file is', (_, response) => response.writeHead(206, { 'content-range': 'bytes 0-0/*' }).end('a'), /does not say how long/],
    ['that says nothing about the range', (_, response) => response.writeHead(206).end('a'), /does not say how long/],
    ['that gives up later', (request, response) => (request.headers.range === 'bytes=0-0' ? ranges(GOOD)(request, response) : void response.writeHead(500).end('no')), /its server answers HTTP 500/],
    ['that has no content later', (request, response) => (request.headers.range === 'bytes=0-0' ? ranges(GOOD)(request, response) : void response.writeHead(204).end()), /its server answers HTTP 204/],
    ['that hangs up', (request) => request.socket.destroy(), /could not look: TypeError: fetch failed/],
  ])('of a server %s is left to the import', async (_, listener, line) => {
    expect(await rig.look({ Format: 'VMDK', Url: `${await serve(listener)}/disk.vmdk${SECRET}` })).toBeUndefined();
    expect(rig.lines).toEqual([expect.stringMatching(line)]);
    expect(JSON.stringify(rig.logs)).not.toContain('secret');
  });

  test.each<[string, Disk, RegExp]>([
    ['that is none', { Format: 'VMDK', Url: 'nonsense' }, /: could not look: /],
    ['of Amazon S3 that cannot be decoded', { Format: 'VMDK', Url: 'https://exports.s3.amazonaws.com/%zz' }, /: could not look: /],
    ['and a password', { Format: 'VMDK', Url: 'ftp://user:secret@host/disk.vmdk' }, /: could not look: /],
    ['missing like everything else', { Format: 'VMDK' }, /: could not look: it is neither a snapshot, nor an object, nor a URL/],
  ])('%s is left to the import', async (_, disk, line) => {
    expect(await rig.look(disk)).toBeUndefined();
    expect(rig.lines).toEqual([expect.stringMatching(line)]);
    expect(JSON.stringify(rig.logs)).not.toContain('secret');
  });
});

describe('the key that encrypts an import', () => {
  const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-123456789012';
  const OWN_KEY = { defaultKmsKeyId: KEY };

  interface KeyLook {
    readonly reason?: string;
    readonly line?: unknown;
    /** How many questions EC2 was asked. */
    readonly asked: number;
  }

  async function lookWith(settings: Partial<Settings>, change: Properties = {}): Promise<KeyLook> {
    rig = new PreflightRig(settings);
    rig.s3.putObject('exports', 'golden.vmdk', GOOD);
    const reason = await rig.send(rig.create(importOf([inBucket('golden.vmdk')], change)));
    return { reason, line: rig.logs.find(({ disk }) => disk === 'encryption')?.status, asked: rig.count('GetEbsEncryptionByDefault') + rig.count('GetEbsDefaultKmsKeyId') };
  }

  const REFUSED = `This VM cannot be imported: EBS would encrypt the imported snapshots with ${KEY}, the default key of this account and Region, ` +
    'and only encryptionKey lets the service role use it. Set encryptionKey to this key. If AWS manages the key, or if its key policy allows this already, ' +
    'skip this look. (preflight: false skips this look.)';

  test.each<[string, Partial<Settings>, Properties]>([
    ['where the account encrypts by default', { ...OWN_KEY, encryptionByDefault: true }, {}],
    ['where the import asks for encryption', OWN_KEY, { Encrypted: 'true' }],
  ])('is refused if it is a customer managed key that nobody declared, %s', async (_, settings, change) => {
    expect(await lookWith(settings, change)).toMatchObject({ reason: REFUSED });
    expect(rig.count('ImportImage')).toBe(0);
  });

  test.each<[string, Partial<Settings>, Properties, number]>([
    ['nothing is encrypted', OWN_KEY, {}, 1],
    ['the import asks for no encryption', OWN_KEY, { Encrypted: 'false' }, 1],
    ['AWS manages the key', { encryptionByDefault: true }, {}, 2],
    ['AWS manages the key, and the import asks for encryption', {}, { Encrypted: 'true' }, 1],
    ['the import names its key', { ...OWN_KEY, encryptionByDefault: true }, { Encrypted: 'true', KmsKeyId: KEY }, 0],
  ])('stands where %s, after as few questions as that takes', async (_, settings, change, asked) => {
    expect(await lookWith(settings, change)).toEqual({ reason: undefined, line: 'stands', asked });
  });

  test('is refused where EC2 answers the ARN of the key that AWS manages, and the sentence has the way out', async () => {
    const { reason } = await lookWith({ encryptionByDefault: true, answers: { managedKey: 'arn' } });
    expect(reason).toMatch(/If AWS manages the key, .* skip this look\. \(preflight: false skips this look\.\)$/);
    expect((await rig.deliver(rig.create({ ...importOf([inBucket('golden.vmdk')]), Preflight: 'false' }))).status).toBe('SUCCESS');
  });

  test('is left to the import where EC2 does not answer which it is', async () => {
    rig = new PreflightRig({ ...OWN_KEY, encryptionByDefault: true });
    rig.s3.putObject('exports', 'golden.vmdk', GOOD);
    rig.cloud.addRule({ match: { action: 'GetEbsEncryptionByDefault' }, effect: { kind: 'error', code: 'UnauthorizedOperation', message: 'No' } });
    expect(await rig.look(inBucket('golden.vmdk'))).toBeUndefined();
    expect(rig.logs).toContainEqual(expect.objectContaining({ disk: 'encryption', status: 'could not look: UnauthorizedOperation: No' }));
  });
});

describe('nothing is looked at', () => {
  const bad = importOf([inBucket('qcow2.vmdk')]);

  test.each<[string, (id: string) => CloudFormationRequest]>([
    ['for a Delete', (id) => rig.delete(id, bad)],
    ['where the preflight is switched off', () => rig.create({ ...bad, Preflight: 'false' })],
    ['for a later segment', (id) => rig.create({ ...bad, Segment: '2', Segments: '2', ImportId: id })],
    ['for a task that already ran', () => rig.create({ ImportImage: undefined, ImportTaskId: 'import-ami-1', Preflight: undefined })],
    ['for an update in place', (id) => rig.update(id, bad, { ...bad, Tags: { a: 'b' } })],
    ['when the preflight is switched on again', (id) => rig.update(id, { ...bad, Preflight: 'false' }, bad)],
  ])('%s', async (_, event) => {
    const { PhysicalResourceId } = await rig.handlers.onEvent(rig.create({ ...bad, Preflight: 'false' }), CONTEXT);
    expect(await rig.send(event(PhysicalResourceId))).toBeUndefined();
    expect(rig.s3.calls).toEqual([]);
    expect(rig.logs.filter(({ action }) => action === 'preflight')).toEqual([]);
  });

  test('where the update takes up an import that stands', async () => {
    rig.disks.putObject('exports', 'other.vmdk', 'other');
    const [before, after] = [importOf([inBucket('golden.vmdk')]), { ...importOf([inBucket('other.vmdk')]), Preflight: 'false' }];
    const first = await rig.deliver(rig.create(before));
    await rig.deliver(rig.update(first.id, before, after));
    const reads = rig.s3.calls.length;
    const { PhysicalResourceId } = await rig.handlers.onEvent(rig.update(`${first.id}`.replace(/[0-9a-f]{12}$/, '000000000000').replace(/-[0-9a-f]{12}-/, '-000000000000-'), after, before), CONTEXT);
    expect(PhysicalResourceId).toBe(first.id);
    expect(rig.s3.calls).toHaveLength(reads);
  });
});

test('an update that begins an import is looked at, and fails before anything is made', async () => {
  const before = importProperties({ ...importOf([inBucket('golden.vmdk')]) });
  const created = await rig.deliver(rig.create(before));
  expect(created.status).toBe('SUCCESS');
  expect(await rig.send(rig.update(created.id, before, importOf([inBucket('qcow2.vmdk')])))).toMatch(/is a qcow2 image/);
  expect(rig.count('ImportImage')).toBe(1);
});
