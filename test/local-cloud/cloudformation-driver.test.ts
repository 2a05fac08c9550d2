import { CloudFormationDriver, CloudFormationDriverOptions, FunctionDied, StackOutcome } from './cloudformation-driver';
import type { TemplateResource, TemplateValue } from './cloudformation-template';
import { IdleClock } from './idle-clock';
import type { CustomResourceRequest } from './provider-framework';

type Event = CustomResourceRequest & { readonly Data?: { readonly [name: string]: string } };

const MINUTE = 60_000;

/** A provider of things that are named in a property and take the minutes that another property says. */
class ToyProvider {
  public readonly events: Event[] = [];
  public readonly things = new Map<string, number>();

  constructor(private readonly clock: IdleClock) {}

  public readonly onEvent = async (event: Event): Promise<object> => {
    this.events.push(event);
    const { Name, RefuseAtOnce } = event.ResourceProperties;
    if (RefuseAtOnce === 'true' && event.RequestType !== 'Delete') {
      throw clean(`"${String(Name)}" is not a name.`);
    }
    if (event.RequestType === 'Delete') {
      this.things.delete(String(event.PhysicalResourceId));
      return {};
    }
    const id = `thing-${String(Name)}`;
    this.things.set(id, this.things.get(id) ?? this.clock.now());
    return { PhysicalResourceId: id, Data: { Kind: 'toy' } };
  };

  public readonly isComplete = async (event: Event): Promise<object> => {
    const { Minutes, Fail, Answer } = event.ResourceProperties;
    if (event.RequestType === 'Delete') {
      if (Fail === 'on delete') {
        throw clean('It is still in use.');
      }
      return { IsComplete: true };
    }
    if (Fail === 'always' || (Fail === 'on update' && event.RequestType === 'Update')) {
      throw clean('It broke.');
    }
    const age = this.clock.now() - (this.things.get(String(event.PhysicalResourceId)) ?? 0);
    return age < Number(Minutes ?? 0) * MINUTE
      ? { IsComplete: false }
      : { IsComplete: true, Data: { Arn: `arn:${String(event.PhysicalResourceId)}`, Answer: 'x'.repeat(Number(Answer ?? 0)) } };
  };
}

function clean(message: string): Error {
  const error = new Error(message);
  error.stack = message;
  return error;
}

function thing(properties: { readonly [name: string]: TemplateValue }, more: Partial<TemplateResource> = {}): TemplateResource {
  return { Type: 'Custom::Thing', Properties: { ServiceToken: 'arn:provider', ...properties }, ...more };
}

function setup(options: Partial<CloudFormationDriverOptions> = {}) {
  const clock = new IdleClock();
  const provider = new ToyProvider(clock);
  const driver = new CloudFormationDriver({ handlers: provider, clock, ...options });
  return { clock, provider, driver };
}

/** `A CREATE_COMPLETE` and so on, the stack's own events aside. */
function told(outcome: StackOutcome, stack = 'S'): string[] {
  return outcome.events.filter((event) => event.logicalId !== stack).map((event) => `${event.logicalId} ${event.status}`);
}

/** `Create A`, `Delete A thing-a` and so on. */
function asked(driver: CloudFormationDriver): string[] {
  return driver.requests.map((request) => [request.RequestType, request.LogicalResourceId, request.PhysicalResourceId].filter(Boolean).join(' '));
}

function reasonOf(outcome: StackOutcome, status: string): string | undefined {
  return outcome.events.find((event) => event.status === status)?.reason;
}

describe('creating a stack', () => {
  test('sends a Create whose properties are strings, and takes Ref and attributes from the answers', async () => {
    const { driver, provider } = setup({ externals: (reference) => (reference === 'Bucket.Name' ? 'the-bucket' : undefined) });
    const outcome = await driver.createStack('S', {
      B: thing({ Name: 'b', Before: { Ref: 'A' }, Arn: { 'Fn::Join': ['', ['<', { 'Fn::GetAtt': ['A', 'Arn'] }, '>']] } }),
      A: thing({ Name: 'a', Flag: true, Count: 3, Nested: { List: [1, false] }, Absent: undefined, From: { 'Fn::GetAtt': 'Bucket.Name' } }),
    });
    expect(outcome.status).toBe('CREATE_COMPLETE');
    expect(told(outcome)).toEqual(['A CREATE_IN_PROGRESS', 'A CREATE_COMPLETE', 'B CREATE_IN_PROGRESS', 'B CREATE_COMPLETE']);
    expect(provider.events[0]).toEqual({
      RequestType: 'Create',
      RequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      StackId: expect.stringMatching(/^arn:aws:cloudformation:us-east-1:000000000000:stack\/S\//),
      ResponseURL: expect.any(String),
      ResourceType: 'Custom::Thing',
      LogicalResourceId: 'A',
      ResourceProperties: { ServiceToken: 'arn:provider', Name: 'a', Flag: 'true', Count: '3', Nested: { List: ['1', 'false'] }, From: 'the-bucket' },
    });
    expect(provider.events[1]?.ResourceProperties).toMatchObject({ Before: 'thing-a', Arn: '<arn:thing-a>' });
    expect(driver.resource('S', 'A')).toEqual({ physicalId: 'thing-a', attributes: { Kind: 'toy', Arn: 'arn:thing-a', Answer: '' }, properties: expect.anything(), template: expect.anything() });
  });

  test('asks isComplete every 30 seconds, with the data of onEvent', async () => {
    const { driver, clock } = setup();
    const started = clock.now();
    await driver.createStack('S', { A: thing({ Name: 'a', Minutes: 2 }) });
    expect(clock.now() - started).toBe(2 * MINUTE);
  });

  test('rolls back with a Delete of everything in reverse order, the resource that failed included', async () => {
    const { driver, provider } = setup();
    const outcome = await driver.createStack('S', { A: thing({ Name: 'a' }), B: thing({ Name: 'b', After: { Ref: 'A' }, Fail: 'always' }) });
    expect(outcome.status).toBe('ROLLBACK_COMPLETE');
    expect(asked(driver)).toEqual(['Create A', 'Create B', 'Delete B thing-b', 'Delete A thing-a']);
    expect(reasonOf(outcome, 'CREATE_FAILED')).toMatch(
      /^Received response status \[FAILED\] from custom resource\. Message returned: It broke\.\n\nLogs: \/aws\/lambda\/isComplete\n \(RequestId: [0-9a-f-]{36}\)$/,
    );
    expect(provider.things.size).toBe(0);
  });

  test('swallows the Delete of a resource that onEvent refused before it had a name', async () => {
    const { driver, provider } = setup();
    const outcome = await driver.createStack('S', { A: thing({ Name: 'a', RefuseAtOnce: true }) });
    expect(outcome.status).toBe('ROLLBACK_COMPLETE');
    expect(asked(driver)).toEqual(['Create A', 'Delete A AWSCDK::CustomResourceProviderFramework::CREATE_FAILED']);
    expect(provider.events.map((event) => event.RequestType)).toEqual(['Create']);
  });

  test('does not wait for the others when one fails, and deletes them under a name of its own making', async () => {
    const { driver, provider } = setup();
    const outcome = await driver.createStack('S', { Slow: thing({ Name: 'slow', Minutes: 50 }), Bad: thing({ Name: 'bad', Fail: 'always' }) });
    expect(reasonOf(outcome, 'CREATE_FAILED')).toContain('It broke.');
    expect(outcome.events.find((event) => event.logicalId === 'Slow' && event.status === 'CREATE_FAILED')?.reason).toBe('Resource creation cancelled');
    expect(asked(driver).filter((request) => request.startsWith('Delete Slow'))).toEqual([expect.stringMatching(/^Delete Slow S-Slow-[0-9A-Z]{12}$/)]);
    await driver.settled();
    expect([...provider.things.keys()]).toEqual(['thing-slow']);
  });

  test('fails a resource that does not answer within its hour', async () => {
    const { driver } = setup();
    const outcome = await driver.createStack('S', { A: thing({ Name: 'a', Minutes: 61 }) });
    expect(reasonOf(outcome, 'CREATE_FAILED')).toMatch(/^CloudFormation did not receive a response from your custom resource\./);
    expect(outcome.events.find((event) => event.status === 'CREATE_FAILED')?.physicalId).toMatch(/^S-A-/);
  });

  test('fails a resource that does not answer within its ServiceTimeout', async () => {
    const { driver, clock } = setup();
    const started = clock.now();
    await driver.createStack('S', { A: thing({ Name: 'a', Minutes: 20, ServiceTimeout: 300 }) });
    expect(driver.requests[1]).toMatchObject({ RequestType: 'Delete' });
    expect(clock.now() - started).toBeLessThan(6 * MINUTE);
  });

  test('lets the framework time out first where its own time is shorter', async () => {
    const { driver } = setup({ totalTimeoutMs: 30 * MINUTE });
    const outcome = await driver.createStack('S', { A: thing({ Name: 'a', Minutes: 61 }) });
    expect(reasonOf(outcome, 'CREATE_FAILED')).toContain('Message returned: Operation timed out');
    expect(asked(driver)).toEqual(['Create A', 'Delete A thing-a']);
  });

  test('refuses an answer over 4096 bytes', async () => {
    const { driver } = setup();
    const outcome = await driver.createStack('S', { A: thing({ Name: 'a', Answer: 4096 }) });
    expect(reasonOf(outcome, 'CREATE_FAILED')).toBe('Response object is too long.');
  });

  test('fails a resource that refers to an attribute which was not given', async () => {
    const { driver } = setup();
    const outcome = await driver.createStack('S', { A: thing({ Name: 'a' }), B: thing({ Name: { 'Fn::GetAtt': ['A', 'Nothing'] } }) });
    expect(outcome.status).toBe('ROLLBACK_COMPLETE');
    expect(reasonOf(outcome, 'CREATE_FAILED')).toContain('attribute error');
  });

  test('refuses a template that goes round in circles', async () => {
    const { driver } = setup();
    await expect(driver.createStack('S', { A: thing({ Name: { Ref: 'B' } }), B: thing({ Name: { Ref: 'A' } }) })).rejects.toThrow('Circular dependency');
  });
});

describe('the provider framework', () => {
  test('does not take data from a pass that is not complete', async () => {
    const { driver } = setup({ handlers: { onEvent: async () => ({}), isComplete: async () => ({ IsComplete: false, Data: { Half: 'done' } }) } });
    expect(reasonOf(await driver.createStack('S', { A: thing({}) }), 'CREATE_FAILED')).toContain('"Data" is not allowed if "IsComplete" is "False"');
  });

  test('fails a Delete whose answer has another physical id', async () => {
    const { driver } = setup({ handlers: { onEvent: async (event: Event) => ({ PhysicalResourceId: `a-${event.RequestType}` }) } });
    await driver.createStack('S', { A: thing({}) });
    expect(reasonOf(await driver.deleteStack('S'), 'DELETE_FAILED')).toContain('cannot change the physical resource ID from "a-Create" to "a-Delete"');
  });

  test('fails a pass that outlives its function', async () => {
    const clock = new IdleClock();
    const left: number[] = [];
    const driver = new CloudFormationDriver({
      clock,
      handlers: {
        onEvent: async () => ({}),
        isComplete: async (_event: Event, context: { getRemainingTimeInMillis(): number }) => {
          left.push(context.getRemainingTimeInMillis());
          await new Promise<void>((resolve) => clock.after(6 * MINUTE, resolve));
          return { IsComplete: true };
        },
      },
    });
    expect(reasonOf(await driver.createStack('S', { A: thing({}) }), 'CREATE_FAILED')).toContain('Task timed out after 300.00 seconds');
    expect(left[0]).toBe(5 * MINUTE);
  });

  test('is called again when its own function died', async () => {
    const died = new Set<string>();
    const { driver, provider } = setup();
    const dyingOnce = <E extends Event>(name: string, handler: (event: E) => Promise<object>) => async (event: E) => {
      if (!died.has(name)) {
        died.add(name);
        throw new FunctionDied();
      }
      return handler(event);
    };
    const second = setup({
      handlers: { onEvent: dyingOnce('onEvent', provider.onEvent), isComplete: dyingOnce('isComplete', provider.isComplete) },
    });
    expect((await second.driver.createStack('S', { A: thing({ Name: 'a' }) })).status).toBe('CREATE_COMPLETE');
    expect(second.driver.requests).toHaveLength(1);
    expect(driver.requests).toHaveLength(0);
  });

  test('leaves CloudFormation without an answer when its function dies every time', async () => {
    const { driver } = setup({ handlers: { onEvent: async () => Promise.reject(new FunctionDied()) } });
    const outcome = await driver.createStack('S', { A: thing({}) });
    expect(outcome.status).toBe('ROLLBACK_FAILED');
    expect(reasonOf(outcome, 'CREATE_FAILED')).toMatch(/did not receive a response/);
  });
});

describe('a request that is delivered twice', () => {
  test('starts one waiter when both answers of onEvent are the same', async () => {
    const { driver, provider } = setup({ deliveries: () => [0, 0] });
    const outcome = await driver.createStack('S', { A: thing({ Name: 'a', Minutes: 1 }) });
    expect(outcome.status).toBe('CREATE_COMPLETE');
    expect(provider.events).toHaveLength(2);
  });

  test('fails when onEvent answers differently the second time, as StartExecution is called with another input', async () => {
    let time = 0;
    const { driver } = setup({
      deliveries: ({ RequestType }) => (RequestType === 'Create' ? [0, 0] : [0]),
      handlers: { onEvent: async () => ({ PhysicalResourceId: 'a', Data: { StartedAt: String(++time) } }), isComplete: async () => ({ IsComplete: time > 5 }) },
      totalTimeoutMs: 10 * MINUTE,
    });
    const outcome = await driver.createStack('S', { A: thing({}) });
    expect(reasonOf(outcome, 'CREATE_FAILED')).toContain('Execution Already Exists');
  });

  test('does not change an answer that was given already', async () => {
    const { driver } = setup({ deliveries: ({ RequestType }) => (RequestType === 'Create' ? [0, 10 * MINUTE] : [0]) });
    expect((await driver.createStack('S', { A: thing({ Name: 'a' }) })).status).toBe('CREATE_COMPLETE');
    await driver.settled();
    expect(driver.resource('S', 'A')?.physicalId).toBe('thing-a');
  });
});

describe('updating a stack', () => {
  test('sends nothing for a resource whose properties are what they were', async () => {
    const { driver } = setup();
    await driver.createStack('S', { A: thing({ Name: 'a' }), B: thing({ Name: 'b' }) });
    const outcome = await driver.updateStack('S', { A: thing({ Name: 'a' }, { DeletionPolicy: 'Retain' }), B: thing({ Name: 'b', Tag: 'new' }) });
    expect(told(outcome)).toEqual(['B UPDATE_IN_PROGRESS', 'B UPDATE_COMPLETE']);
    expect(driver.requests[2]).toMatchObject({ RequestType: 'Update', PhysicalResourceId: 'thing-b', OldResourceProperties: { Name: 'b' }, ResourceProperties: { Tag: 'new' } });
  });

  test('deletes what was replaced and what was removed after everything else succeeded', async () => {
    const { driver, provider } = setup();
    await driver.createStack('S', { A: thing({ Name: 'a' }), B: thing({ Name: 'b', After: { Ref: 'A' } }), Old: thing({ Name: 'old' }) });
    const outcome = await driver.updateStack('S', { A: thing({ Name: 'a2' }), B: thing({ Name: 'b', After: { Ref: 'A' } }), New: thing({ Name: 'new' }) });
    expect(outcome.status).toBe('UPDATE_COMPLETE');
    expect(asked(driver).slice(3)).toEqual(['Update A thing-a', 'Create New', 'Update B thing-b', 'Delete Old thing-old', 'Delete A thing-a']);
    expect(driver.requests.at(-1)?.ResourceProperties).toMatchObject({ Name: 'a' });
    expect([...provider.things.keys()].sort()).toEqual(['thing-a2', 'thing-b', 'thing-new']);
  });

  test.each(['update', 'restore'] as const)('goes back by %s and deletes the replacement when something else fails', async (rollbackOfReplacement) => {
    const { driver, provider } = setup({ rollbackOfReplacement });
    await driver.createStack('S', { A: thing({ Name: 'a' }), B: thing({ Name: 'b', After: { Ref: 'A' } }) });
    const outcome = await driver.updateStack('S', { A: thing({ Name: 'a2' }), B: thing({ Name: 'b', After: { Ref: 'A' }, Fail: 'on update' }), C: thing({ Name: 'c' }) });
    const back = rollbackOfReplacement === 'update' ? ['Update A thing-a2'] : [];
    expect(outcome.status).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(asked(driver).slice(5)).toEqual([...back, 'Update B thing-b', 'Delete C thing-c', 'Delete A thing-a2']);
    expect([...provider.things.keys()].sort()).toEqual(['thing-a', 'thing-b']);
    expect(driver.resource('S', 'A')).toMatchObject({ physicalId: 'thing-a', attributes: { Arn: 'arn:thing-a' } });
  });

  test('swaps the properties of an update that failed in place', async () => {
    const { driver } = setup();
    await driver.createStack('S', { A: thing({ Name: 'a' }) });
    await driver.updateStack('S', { A: thing({ Name: 'a', Fail: 'on update' }) });
    expect(driver.requests[2]).toMatchObject({ RequestType: 'Update', PhysicalResourceId: 'thing-a', OldResourceProperties: { Fail: 'on update' } });
    expect(driver.requests[2]?.ResourceProperties).not.toHaveProperty('Fail');
  });

  test('fails the rollback when the provider refuses to go back', async () => {
    const { driver } = setup();
    await driver.createStack('S', { A: thing({ Name: 'a', Fail: 'on update' }) });
    expect((await driver.updateStack('S', { A: thing({ Name: 'a', Tag: 'x', Fail: 'on update' }) })).status).toBe('UPDATE_ROLLBACK_FAILED');
  });
});

describe('what a policy retains', () => {
  test.each`
    policy                   | afterDelete      | afterFailedCreate
    ${'Delete'}              | ${[]}            | ${[]}
    ${'Retain'}              | ${['thing-a']}   | ${['thing-a']}
    ${'RetainExceptOnCreate'} | ${['thing-a']}  | ${[]}
  `('DeletionPolicy $policy leaves $afterDelete on delete, $afterFailedCreate on a failed create', async ({ policy, afterDelete, afterFailedCreate }) => {
    const good = setup();
    await good.driver.createStack('S', { A: thing({ Name: 'a' }, { DeletionPolicy: policy }) });
    expect((await good.driver.deleteStack('S')).status).toBe('DELETE_COMPLETE');
    expect([...good.provider.things.keys()]).toEqual(afterDelete);
    const bad = setup();
    await bad.driver.createStack('S', { A: thing({ Name: 'a', Fail: 'always' }, { DeletionPolicy: policy }) });
    expect([...bad.provider.things.keys()]).toEqual(afterFailedCreate);
  });

  test('UpdateReplacePolicy Retain keeps what was replaced', async () => {
    const { driver, provider } = setup();
    await driver.createStack('S', { A: thing({ Name: 'a' }, { UpdateReplacePolicy: 'Retain' }) });
    const outcome = await driver.updateStack('S', { A: thing({ Name: 'a2' }, { UpdateReplacePolicy: 'Retain' }) });
    expect(told(outcome)).toContain('A DELETE_SKIPPED');
    expect([...provider.things.keys()]).toEqual(['thing-a', 'thing-a2']);
  });
});

test.each([['deleted', 'DELETE_COMPLETE', ['thing-a']], ['retained', 'DELETE_SKIPPED', ['thing-a', 'thing-a2']]] as const)(
  'RetainExceptOnCreate leaves a replacement that failed: %s', async (failedReplacement, status, left) => {
    const { driver, provider } = setup({ answers: { failedReplacement } });
    const policy = { DeletionPolicy: 'RetainExceptOnCreate' } as const;
    await driver.createStack('S', { A: thing({ Name: 'a' }, policy) });
    const outcome = await driver.updateStack('S', { A: thing({ Name: 'a2' }, policy), B: thing({ Name: 'b', After: { Ref: 'A' }, Fail: 'always' }) });
    expect(told(outcome)).toContain(`A ${status}`);
    expect([...provider.things.keys()]).toEqual(left);
  });

test.each([['forgotten', ['thing-a2']], ['deleted', []]] as const)('what an update had made whose rollback failed is %s with the stack', async (failedRollback, left) => {
  const { driver, provider } = setup({ answers: { failedRollback } });
  await driver.createStack('S', { A: thing({ Name: 'a' }), B: thing({ Name: 'b', Fail: 'on update' }) });
  const outcome = await driver.updateStack('S', { A: thing({ Name: 'a2' }), B: thing({ Name: 'b', Tag: 'x', Fail: 'on update' }) });
  expect(outcome.status).toBe('UPDATE_ROLLBACK_FAILED');
  expect((await driver.deleteStack('S')).status).toBe('DELETE_COMPLETE');
  expect([...provider.things.keys()]).toEqual(left);
});

test.each([['before', 'a'], ['after', 'a2']] as const)('the Delete of what was replaced carries the properties of %s', async (replacedProperties, Name) => {
  const { driver } = setup({ answers: { replacedProperties } });
  await driver.createStack('S', { A: thing({ Name: 'a' }) });
  await driver.updateStack('S', { A: thing({ Name: 'a2' }) });
  expect(driver.requests.at(-1)).toMatchObject({ RequestType: 'Delete', PhysicalResourceId: 'thing-a', ResourceProperties: { Name } });
});

describe('deleting a stack', () => {
  test('deletes dependents first, and can be tried again when one refuses', async () => {
    const { driver, provider } = setup();
    await driver.createStack('S', { A: thing({ Name: 'a', Fail: 'on delete' }), B: thing({ Name: 'b', After: { Ref: 'A' } }) });
    const outcome = await driver.deleteStack('S');
    expect(outcome.status).toBe('DELETE_FAILED');
    expect(asked(driver).slice(2)).toEqual(['Delete B thing-b', 'Delete A thing-a']);
    expect(driver.resource('S', 'B')).toBeUndefined();
    expect((await driver.deleteStack('S')).status).toBe('DELETE_FAILED');
    expect(asked(driver).slice(4)).toEqual(['Delete A thing-a']);
    expect(provider.things.size).toBe(0);
  });
});
