import type { IsCompleteRequest } from '../../../lambda/cloudformation/requests';
import { reasonOf, succeeded } from '../outcome';
import { NOTHING_LEFT, Rig } from '../rig';

describe('an import that CloudFormation gave up on, because another resource failed', () => {
  const CLOUDFORMATIONS_OWN_ID = 'S-GoldenImport-1ABCDEF234567';
  const V2 = { ImportVmImage: { name: 'Golden', semanticVersion: '2.0.0', platform: 'Linux' } };

  async function started(rig: Rig, event = rig.create()) {
    rig.stackResource.status = `${event.RequestType.toUpperCase()}_IN_PROGRESS`;
    const request = await rig.begin(event);
    rig.clock.advance(5 * 60_000);
    return request;
  }

  test('is cancelled by a Delete that does not know its name', async () => {
    const rig = new Rig();
    const request = await started(rig);
    succeeded(await rig.deliver(rig.delete(CLOUDFORMATIONS_OWN_ID)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
    await expect(rig.pass(request)).rejects.toThrow('failed');
  });

  test('is removed by that Delete though it was finished by then', async () => {
    const rig = new Rig();
    succeeded(await rig.deliver(rig.create()));
    succeeded(await rig.deliver(rig.delete(CLOUDFORMATIONS_OWN_ID)));
    expect(await rig.cloud.remaining()).toEqual(NOTHING_LEFT);
  });

  test('is found by its snapshots if somebody deregistered its AMI and EC2 has forgotten its task', async () => {
    const rig = new Rig({ answers: { taskMemory: 'oneHour', person: 'deletesAmi' }, personComesAfterMs: 60_000 });
    const request = await started(rig);
    while (rig.count('CreateTags') === 0) {
      rig.clock.advance(30_000);
      await rig.pass(request);
    }
    rig.clock.advance(61 * 60_000);
    expect(await rig.cloud.remaining()).toMatchObject({ amis: [], snapshots: [expect.anything()] });
    succeeded(await rig.deliver(rig.delete(CLOUDFORMATIONS_OWN_ID)));
    expect((await rig.cloud.remaining()).snapshots).toEqual([]);
  });

  test('leaves what an earlier life of the resource retained', async () => {
    const rig = new Rig();
    const retained = succeeded(await rig.deliver(rig.create()));
    rig.clock.advance(4 * 60 * 60_000);
    await started(rig);
    succeeded(await rig.deliver(rig.delete(CLOUDFORMATIONS_OWN_ID)));
    expect((await rig.cloud.remaining()).images).toEqual([retained.data.ImageArn]);
  });

  /** A request whose import was queued so far; there is a slot now, and it is its turn to ask. */
  async function queued(rig: Rig): Promise<IsCompleteRequest> {
    rig.cloud.addRule({ id: 'full', effect: { kind: 'quota', activeTasks: 0 } });
    const request = await started(rig);
    rig.cloud.removeRule('full');
    rig.untilItsTurn(request);
    return request;
  }

  test('is not started from the queue any more', async () => {
    const rig = new Rig();
    const request = await queued(rig);
    rig.stackResource.status = 'DELETE_IN_PROGRESS';
    await expect(rig.pass(request)).rejects.toThrow('CloudFormation no longer waits for this VM import, so nothing was started');
    expect((await rig.cloud.state()).tasks).toEqual([]);
  });

  test('is not started from the queue after the stack is gone', async () => {
    const rig = new Rig();
    const request = await queued(rig);
    rig.stackResource.status = undefined;
    await expect(rig.pass(request)).rejects.toThrow('no longer waits');
  });

  test('makes no image any more, of a task of its own or of an adopted one', async () => {
    const rig = new Rig();
    const request = await started(rig);
    const own = succeeded(await rig.deliver(rig.create()));
    const adoption = await started(rig, rig.create({ ImportImage: undefined, ImportTaskId: own.data.ImportTaskId ?? '' }));
    succeeded(await rig.deliver(rig.delete(adoption.PhysicalResourceId, adoption.ResourceProperties)));
    const made = rig.count('ImportVmImage');
    await expect(rig.pass(request)).rejects.toThrow('no longer waits for this VM import');
    await expect(rig.pass(adoption)).rejects.toThrow('no longer waits for this VM import');
    expect(rig.count('ImportVmImage')).toBe(made);
  });

  test('is not started where CloudFormation has gone on to another request for the same resource', async () => {
    const rig = new Rig();
    const request = await queued(rig);
    rig.stackResource.changedAt = new Date(rig.clock.now() - 60_000);
    await expect(rig.pass(request)).rejects.toThrow('no longer waits');
  });

  test('is started from the queue where CloudFormation still waits for it', async () => {
    const rig = new Rig();
    const request = await queued(rig);
    rig.stackResource.changedAt = new Date(Date.parse(request.Data.StartedAt) - 1_000);
    expect(await rig.pass(request)).toEqual({ IsComplete: false });
    expect((await rig.cloud.state()).tasks).toHaveLength(1);
  });

  test('is not asked about while it cannot have been given up without a second look of its Delete', async () => {
    const rig = new Rig();
    rig.cloud.addRule({ effect: { kind: 'quota', activeTasks: 0 } });
    const event = rig.create();
    const named = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
    rig.stackResource.asked = 0;
    rig.clock.advance(9_000);
    await rig.pass({ ...event, ...named });
    expect(rig.stackResource.asked).toBe(0);
    rig.clock.advance(1_000);
    await rig.pass({ ...event, ...named });
    expect(rig.stackResource.asked).toBe(1);
  });

  test('waits where CloudFormation does not answer', async () => {
    const rig = new Rig();
    const request = await queued(rig);
    jest.spyOn(rig.clients.cloudFormation, 'send').mockImplementation(() => Promise.reject(Object.assign(new Error('slow down'), { name: 'Throttling' })));
    expect(await rig.pass(request)).toEqual({ IsComplete: false });
    expect(rig.logs.at(-1)).toMatchObject({ status: 'AWS to answer (Throttling: slow down)' });
  });

  test('in a replacement is removed by the update that rolls it back, which keeps the import of before', async () => {
    const rig = new Rig();
    const old = succeeded(await rig.deliver(rig.create()));
    await started(rig, rig.update(old.id, {}, V2) as never);
    // CloudFormation never learned the new name, so it sends the old one back with the properties swapped.
    const back = succeeded(await rig.deliver(rig.update(old.id, V2, {})));
    expect(back).toMatchObject({ id: old.id, data: { ImageArn: old.data.ImageArn } });
    expect((await rig.cloud.state()).tasks.map((task) => task.Status)).toEqual(['completed', 'deleted']);
    expect((await rig.cloud.remaining()).images).toEqual([old.data.ImageArn]);
  });

  test('in a replacement whose leftover is held does not keep the stack from rolling back', async () => {
    const rig = new Rig();
    const old = succeeded(await rig.deliver(rig.create()));
    succeeded(await rig.deliver(rig.update(old.id, {}, V2)));
    rig.cloud.addRule({ effect: { kind: 'recipeHoldsImage' } });
    const back = succeeded(await rig.deliver(rig.update(old.id, V2, {})));
    expect(back).toMatchObject({ id: old.id, seconds: 3000 });
  });

  test('in a replacement whose leftover AWS refuses to delete says so', async () => {
    const rig = new Rig();
    const old = succeeded(await rig.deliver(rig.create()));
    succeeded(await rig.deliver(rig.update(old.id, {}, V2)));
    rig.cloud.addRule({ match: { action: 'DeregisterImage' }, effect: { kind: 'error', code: 'OperationNotPermitted', message: 'protected' } });
    expect(reasonOf(await rig.deliver(rig.update(old.id, V2, {})))).toContain('protected');
  });

  test('of an adopted task is found by its image', async () => {
    const rig = new Rig();
    const own = succeeded(await rig.deliver(rig.create()));
    const adopting = { ImportImage: undefined, ImportTaskId: own.data.ImportTaskId ?? '' };
    succeeded(await rig.deliver(rig.create(adopting)));
    succeeded(await rig.deliver(rig.delete(CLOUDFORMATIONS_OWN_ID, adopting)));
    expect((await rig.cloud.remaining()).images).toEqual([own.data.ImageArn]);
  });

  test('finds nothing to delete where it had not started, and takes a second look', async () => {
    const rig = new Rig();
    expect(succeeded(await rig.deliver(rig.delete(CLOUDFORMATIONS_OWN_ID))).seconds).toBe(120);
  });
});
