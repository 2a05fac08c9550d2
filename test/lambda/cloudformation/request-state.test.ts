import type { IsCompleteRequest } from '../../../lambda/cloudformation/requests';
import type { StackOutcome } from '../../local-cloud/cloudformation-driver';
import type { TemplateResources } from '../../local-cloud/cloudformation-template';
import { CREATE_FAILED_MARKER } from '../../local-cloud/provider-framework';
import { AmiRig } from '../ami/ami-rig';
import { tinyDisk } from '../invocation-clients';
import { NOTHING_LEFT, Rig } from '../rig';
import { S3Double } from '../s3-double';
import { importTemplate, StackRig } from '../stack-rig';

/**
 * A Create is delivered at least once. Where the function dies in one delivery, the provider framework answers FAILED under
 * a name of its own, and swallows the Delete of that name; another delivery goes on, and nothing but it knows what it made.
 */
describe('a create that CloudFormation was told has failed, while another delivery of it goes on', () => {
  const failedBy = ({ events }: StackOutcome) => events.filter(({ physicalId }) => physicalId === CREATE_FAILED_MARKER).map(({ status }) => status);
  const SWALLOWED = ['CREATE_FAILED', 'DELETE_IN_PROGRESS', 'DELETE_COMPLETE'];

  test.each<readonly [string, TemplateResources]>([
    ['its import', importTemplate({ Preflight: 'true' }, 1)],
    ['its import, which was handed to the next segment', importTemplate({ Preflight: 'true', Budget: '30' })],
  ])('takes back %s, where the function died in one of them', async (_what, template) => {
    const s3 = new S3Double().putObject('exports', 'golden.vmdk', tinyDisk());
    const rig = new StackRig({ s3, driver: { deliveries: ({ RequestType }) => (RequestType === 'Create' ? [0, 0] : [0]) } });
    rig.arm({ call: 1, moment: 'before', then: 'told' });
    const outcome = await rig.driver.createStack('S', template);
    expect([outcome.status, failedBy(outcome)]).toEqual(['ROLLBACK_COMPLETE', SWALLOWED]);
    await rig.driver.settled();
    expect(rig.cloud.calls({ action: 'ImportImage' })).toHaveLength(1);
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test.each<readonly [string, string, string, TemplateResources]>([
    ['its import', 'Golden', 'ImportImage', {}],
    ['its copy of an AMI', 'Ami', 'CopyImage', {
      Ami: { Type: 'Custom::VmImportAmi', Properties: { ServiceToken: 'provider', SourceImageId: { 'Fn::GetAtt': ['Golden', 'AmiId'] }, Name: 'golden' } },
    }],
  ])('takes back %s, where the framework refused the second, as CloudFormation did not say when it sent the request', async (_what, logicalId, action, more) => {
    const rig: StackRig = new StackRig({
      driver: {
        deliveries: ({ RequestType, LogicalResourceId }) => {
          const isIt = RequestType === 'Create' && LogicalResourceId === logicalId;
          // For some time, whichever call this takes.
          rig.troubleCloudFormation(...(isIt ? [{ kind: 'broken', from: 1, to: 40 } as const] : []));
          return isIt ? [0, 5_000] : [0];
        },
      },
    });
    const outcome = await rig.driver.createStack('S', { ...importTemplate({}, 1), ...more });
    rig.troubleCloudFormation();
    expect([outcome.status, failedBy(outcome)]).toEqual(['ROLLBACK_COMPLETE', SWALLOWED]);
    expect(outcome.events.find(({ status }) => status === 'CREATE_FAILED')?.reason).toContain('Execution Already Exists');
    await rig.driver.settled();
    expect(rig.cloud.calls({ action })).toHaveLength(1);
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('starts nothing where it is delivered after the end', async () => {
    const s3 = new S3Double().putObject('exports', 'golden.vmdk', tinyDisk());
    const rig = new StackRig({ s3, driver: { deliveries: ({ RequestType }) => (RequestType === 'Create' ? [0, 60_000] : [0]) } });
    rig.arm({ call: 1, moment: 'before', then: 'told' });
    expect((await rig.driver.createStack('S', importTemplate({ Preflight: 'true' }, 1))).status).toBe('ROLLBACK_COMPLETE');
    await rig.driver.settled();
    expect(rig.cloud.calls({ action: 'ImportImage' })).toEqual([]);
  });
});

test('a delivery to a resource that CloudFormation does not know starts nothing', async () => {
  const rig = new Rig();
  rig.stackResource.status = undefined;
  const request = rig.create();
  const named = await rig.handlers.onEvent(request, { getRemainingTimeInMillis: () => 60_000 });
  await expect(rig.pass({ ...request, ...named })).rejects.toThrow('nothing was started');
  expect((await rig.cloud.state()).tasks).toEqual([]);
});

describe('at its end, an import', () => {
  /** What has happened to the resource since its Create was sent: so many seconds after, by what name, and to what status. */
  type Happened = readonly [seconds: number, status: string, physicalId: 'its own' | 'the framework\'s' | 'another\'s'];

  /** What CloudFormation says from here on. */
  function tell(rig: Rig, { PhysicalResourceId, LogicalResourceId: logicalId, Data }: IsCompleteRequest, happened: readonly Happened[]): void {
    rig.stackResource.status = happened.at(-1)?.[1];
    const physicalIds = { 'its own': PhysicalResourceId, 'the framework\'s': CREATE_FAILED_MARKER, 'another\'s': PhysicalResourceId.replace(/.{12}$/, '0'.repeat(12)) };
    rig.stackResource.events = happened.map(([seconds, status, by]) => (
      { time: Date.parse(Data.StartedAt) + seconds * 1_000, logicalId, physicalId: physicalIds[by], status }
    ));
  }

  async function end(rig: Rig, request: IsCompleteRequest): Promise<string> {
    for (let passes = 0; passes < 200; passes++) {
      rig.clock.advance(30_000);
      try {
        if ((await rig.pass(request)).IsComplete) {
          return 'done';
        }
      } catch (error) {
        return String(error);
      }
    }
    throw new Error('It never ended.');
  }

  const TAKEN_BACK = 'VmImportFailure: CloudFormation no longer waits for this request, so everything it created was removed';

  test.each<readonly [string, readonly Happened[]]>([
    ['failed', [[60, 'CREATE_FAILED', 'the framework\'s']]],
    ['is deleted', [[60, 'CREATE_FAILED', 'the framework\'s'], [61, 'DELETE_IN_PROGRESS', 'the framework\'s'], [62, 'DELETE_COMPLETE', 'the framework\'s']]],
    ['was created under another name', [[60, 'CREATE_COMPLETE', 'the framework\'s']]],
    ['was created as another import, which is retained', [[60, 'CREATE_COMPLETE', 'another\'s'], [90, 'DELETE_SKIPPED', 'another\'s']]],
    ['was created as another import, which was updated since', [
      [60, 'CREATE_COMPLETE', 'another\'s'], [90, 'UPDATE_IN_PROGRESS', 'another\'s'], [91, 'UPDATE_COMPLETE', 'another\'s'], [92, 'DELETE_SKIPPED', 'another\'s'],
    ]],
    ['is created once more', [[61, 'DELETE_COMPLETE', 'the framework\'s'], [90, 'CREATE_IN_PROGRESS', 'the framework\'s'], [120, 'CREATE_COMPLETE', 'the framework\'s']]],
  ])('goes where its resource %s, and CloudFormation does not know its name', async (_what, happened) => {
    const rig = new Rig();
    const request = await rig.begin(rig.create());
    tell(rig, request, happened);
    expect(await end(rig, request)).toBe(TAKEN_BACK);
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('that failed goes with what its task left', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'task', outcome: { kind: 'fail', message: 'ClientError: no', leaves: 'snapshots' } } });
    const request = await rig.begin(rig.create());
    tell(rig, request, [[60, 'CREATE_FAILED', 'the framework\'s']]);
    expect(await end(rig, request)).toBe(TAKEN_BACK);
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('waits with its answer until what holds it lets go', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { action: 'DeleteImage' }, effect: { kind: 'recipeHoldsImage', forMs: 40 * 60_000 } });
    const request = await rig.begin(rig.create());
    while (rig.count('ImportVmImage') === 0) {
      rig.clock.advance(30_000);
      await rig.pass(request);
    }
    tell(rig, request, [[60, 'CREATE_FAILED', 'the framework\'s']]);
    expect(await end(rig, request)).toBe(TAKEN_BACK);
    expect(rig.logs.filter(({ status }) => /^Image Builder image .* is held: /.test(String(status))).length).toBeGreaterThan(10);
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test.each<readonly [string, readonly Happened[]]>([
    ['another delivery has answered', [[60, 'CREATE_COMPLETE', 'its own']]],
    ['it was replaced since', [[60, 'CREATE_COMPLETE', 'its own'], [90, 'UPDATE_IN_PROGRESS', 'its own'], [120, 'UPDATE_COMPLETE', 'the framework\'s']]],
    ['its Delete will name it', [[60, 'CREATE_FAILED', 'its own'], [90, 'DELETE_IN_PROGRESS', 'its own']]],
    ['it is to be retained', [[60, 'CREATE_FAILED', 'the framework\'s'], [90, 'DELETE_SKIPPED', 'the framework\'s']]],
    ['only an earlier life of its resource came to nothing', [[-60, 'CREATE_FAILED', 'the framework\'s'], [-30, 'DELETE_COMPLETE', 'the framework\'s'], [1, 'CREATE_IN_PROGRESS', 'the framework\'s']]],
    ['nothing tells of its end', []],
    ['its Delete under another name has not ended', [[60, 'DELETE_IN_PROGRESS', 'the framework\'s']]],
  ])('stays where %s', async (_what, happened) => {
    const rig = new Rig();
    const request = await rig.begin(rig.create());
    await end(rig, request);
    const standing = await rig.cloud.remaining();
    tell(rig, request, happened);
    expect(await end(rig, request)).toBe('done');
    expect(standing.images).toHaveLength(1);
    expect(await rig.cloud.remaining()).toEqual(standing);
  });

  test.each([
    [9, expect.stringMatching(/^AWS refused a call of the VM import: InvalidParameterValue/)],
    [10, { IsComplete: false }],
  ])('that fails %i s after its request, after CloudFormation gave up on it, ends with %j', async (seconds, answer) => {
    const rig = new Rig();
    rig.cloud.addRule({ match: { action: 'ImportImage' }, effect: { kind: 'error', code: 'InvalidParameterValue', message: 'no' } });
    const event = rig.create();
    const request = { ...event, ...await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 }) };
    tell(rig, request, [[5, 'CREATE_FAILED', 'the framework\'s']]);
    rig.clock.advance(seconds * 1_000);
    expect(await rig.pass(request).catch(({ message }: Error) => message)).toEqual(answer);
  });

  test('stays where CloudFormation still waits for an answer, whatever the events tell', async () => {
    const rig = new Rig();
    const request = await rig.begin(rig.create());
    tell(rig, request, [[60, 'CREATE_FAILED', 'the framework\'s']]);
    rig.stackResource.status = 'CREATE_IN_PROGRESS';
    expect(await end(rig, request)).toBe('done');
    expect((await rig.cloud.remaining()).images).toHaveLength(1);
  });

  /** Begins an update that replaces an import. */
  async function beginReplacement() {
    const rig = new Rig();
    const { id } = await rig.deliver(rig.create());
    rig.stackResource.status = 'UPDATE_IN_PROGRESS';
    rig.stackResource.changedAt = new Date(rig.clock.now());
    const request = await rig.begin(rig.update(id, {}, { ImportVmImage: { name: 'Golden', semanticVersion: '2.0.0', platform: 'Linux' } }));
    return { rig, request };
  }

  test.each<readonly [string, readonly Happened[], string, number]>([
    ['goes if CloudFormation took another answer', [[60, 'UPDATE_COMPLETE', 'the framework\'s']], TAKEN_BACK, 1],
    ['goes if CloudFormation gave up on it and left the resource as it was', [[60, 'UPDATE_FAILED', 'the framework\'s']], TAKEN_BACK, 1],
    ['stays if CloudFormation took its answer', [[60, 'UPDATE_COMPLETE', 'its own']], 'done', 2],
  ])('of an update %s', async (_what, happened, ended, left) => {
    const { rig, request } = await beginReplacement();
    expect(await end(rig, request)).toBe('done');
    tell(rig, request, happened);
    rig.stackResource.changedAt = new Date(Date.parse(request.Data.StartedAt) + Number(happened.at(-1)?.[0]) * 1_000);
    expect(await end(rig, request)).toBe(ended);
    expect((await rig.cloud.remaining()).images).toHaveLength(left);
  });

  test.each<readonly [string, Happened, string, number]>([
    ['goes once that has ended with another', [120, 'UPDATE_COMPLETE', 'the framework\'s'], TAKEN_BACK, 1],
    ['stays if that has gone on with it', [120, 'UPDATE_COMPLETE', 'its own'], 'done', 2],
  ])('of an update that was given up waits for the next update, and %s', async (_what, after, ended, left) => {
    const { rig, request } = await beginReplacement();
    await end(rig, request);
    const next: readonly Happened[] = [[60, 'UPDATE_FAILED', 'the framework\'s'], [90, 'UPDATE_IN_PROGRESS', 'the framework\'s']];
    tell(rig, request, next);
    rig.stackResource.changedAt = new Date(Date.parse(request.Data.StartedAt) + 90_000);
    expect(await rig.pass(request)).toEqual({ IsComplete: false });
    expect(rig.logs.at(-1)).toMatchObject({ status: 'CloudFormation to end another update of this resource' });
    tell(rig, request, [...next, after]);
    expect(await end(rig, request)).toBe(ended);
    expect((await rig.cloud.remaining()).images).toHaveLength(left);
  });

  test('is answered as ever where CloudFormation does not tell', async () => {
    const rig = new Rig();
    const request = await rig.begin(rig.create());
    await end(rig, request);
    rig.stackResource.failure = { statusCode: 400, code: 'Throttling' };
    expect(await end(rig, request)).toBe('done');
    expect((await rig.cloud.remaining()).images).toHaveLength(1);
  });

  test('is not asked about in a segment that follows, nor in an update or a delete, which CloudFormation has the name of', async () => {
    const rig = new Rig();
    const { id } = await rig.deliver(rig.create({ Segments: '2' }));
    rig.stackResource.asked = 0;
    await rig.deliver(rig.create({ Segment: '2', Segments: '2', ImportId: id }));
    await rig.deliver(rig.update(id, {}, { Tags: { team: 'b' } }));
    // Each is asked once when it was sent.
    expect(rig.stackResource.asked).toBe(2);
  });

  test('leaves the options of an imported AMI, of which nothing is left when the import is gone', async () => {
    const made = await AmiRig.withImport();
    const request = await made.rig.begin(made.create({ Description: 'golden' }));
    tell(made.rig, request, [[5, 'CREATE_FAILED', 'the framework\'s']]);
    expect(await end(made.rig, request)).toBe('done');
    expect(await made.ami(made.importedAmi)).toMatchObject({ Description: 'golden' });
  });
});

describe('if CloudFormation reports the time of the resource instead of that of the request', () => {
  const HOUR = 60 * 60_000;
  const CHANGE = { Tags: { team: 'b' } };

  /** An update of a resource that was made two hours or some minutes ago, as the events have it. */
  async function update(age: number, ...events: readonly (readonly [seconds: number, status: string, logicalId?: string])[]) {
    return updateOn(new Rig(), age, ...events);
  }

  async function updateOn(rig: Rig, age: number, ...events: readonly (readonly [seconds: number, status: string, logicalId?: string])[]) {
    const { id } = await rig.deliver(rig.create());
    rig.stackResource.changedAt = new Date(rig.clock.now());
    rig.clock.advance(age);
    rig.stackResource.status = 'UPDATE_IN_PROGRESS';
    const event = rig.update(id, {}, CHANGE);
    const sent = rig.clock.now();
    rig.stackResource.events = events.map(([seconds, status, logicalId = event.LogicalResourceId]) => (
      { time: sent + seconds * 1_000, logicalId, physicalId: logicalId === 'S' ? event.StackId : id, status }
    ));
    const named = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
    return { rig, request: { ...event, ...named }, startedAt: Date.parse(named.Data.StartedAt) - sent };
  }

  test.each([
    ['minutes', 10 * 60_000],
    ['hours', 2 * HOUR],
  ])('an update counts from its own event, where the resource is %s old', async (_age, age) => {
    const { startedAt } = await update(age, [-400, 'CREATE_COMPLETE'], [-300, 'UPDATE_IN_PROGRESS', 'S'], [-2, 'UPDATE_IN_PROGRESS'], [-1, 'UPDATE_IN_PROGRESS'], [0, 'UPDATE_IN_PROGRESS', 'Other']);
    expect(startedAt).toBe(-2_000);
  });

  test('a second delivery counts from the time that the first one had', async () => {
    const { startedAt } = await update(40_000, [-39, 'UPDATE_IN_PROGRESS']);
    expect(startedAt).toBe(-40_000);
  });

  test.each([
    ['of another request that ended', [[-2, 'UPDATE_COMPLETE']]],
    ['of a phase that began since', [[-20, 'UPDATE_IN_PROGRESS'], [-2, 'UPDATE_ROLLBACK_IN_PROGRESS', 'S']]],
    ['of nothing', []],
  ] as const)('an update counts from its delivery, where the events tell %s', async (_what, events) => {
    expect((await update(2 * HOUR, ...events)).startedAt).toBe(0);
  });

  test('an update counts from its delivery, where CloudFormation shows no events', async () => {
    const rig = new Rig();
    rig.stackResource.failureOfEvents = { statusCode: 503, code: 'ServiceUnavailable' };
    expect((await updateOn(rig, 2 * HOUR, [-2, 'UPDATE_IN_PROGRESS'])).startedAt).toBe(0);
  });

  test('an update that has begun is not taken for one that CloudFormation gave up on', async () => {
    const { rig, request } = await update(2 * HOUR, [-2, 'UPDATE_IN_PROGRESS']);
    const again = { ...rig.create({ ImportVmImage: { name: 'Golden', semanticVersion: '2.0.0', platform: 'Linux' } }), RequestType: 'Update' as const };
    const replacing = { ...request, ResourceProperties: again.ResourceProperties };
    const named = await rig.handlers.onEvent(replacing, { getRemainingTimeInMillis: () => 60_000 });
    rig.clock.advance(60_000);
    rig.untilItsTurn({ ...replacing, ...named });
    await rig.pass({ ...replacing, ...named });
    expect(rig.count('ImportImage')).toBe(2);
  });

  test('an update starts nothing once CloudFormation works on the next one', async () => {
    const { rig, request } = await update(2 * HOUR, [-2, 'UPDATE_IN_PROGRESS']);
    const replacing = { ...request, ResourceProperties: rig.create({ ImportVmImage: { name: 'Golden', semanticVersion: '2.0.0', platform: 'Linux' } }).ResourceProperties };
    const named = await rig.handlers.onEvent(replacing, { getRemainingTimeInMillis: () => 60_000 });
    rig.stackResource.events = [
      ...rig.stackResource.events,
      { time: rig.clock.now() + 30_000, logicalId: request.LogicalResourceId, physicalId: '', status: 'UPDATE_FAILED' },
      { time: rig.clock.now() + 31_000, logicalId: request.LogicalResourceId, physicalId: '', status: 'UPDATE_IN_PROGRESS' },
    ];
    rig.clock.advance(60_000);
    rig.untilItsTurn({ ...replacing, ...named });
    expect(await rig.pass({ ...replacing, ...named })).toEqual({ IsComplete: false });
    expect(rig.count('ImportImage')).toBe(1);
  });
});
