import { CloudFormationDriver } from './cloudformation-driver';
import type { TemplateResources } from './cloudformation-template';
import type { Answers } from './emulator/unknowns';
import { IdleClock } from './idle-clock';
import type { CustomResourceRequest } from './provider-framework';

const MINUTE = 60_000;

interface Options {
  readonly answers?: Partial<Answers>;
  /** How often a request is delivered. */
  readonly deliveries?: readonly number[];
  /** What onEvent does with a Create. */
  readonly create?: 'fails' | 'waits';
}

function setup({ answers, deliveries = [0], create }: Options) {
  const clock = new IdleClock();
  const passes: number[] = [];
  let failing = create === 'fails';
  const driver = new CloudFormationDriver({
    clock,
    answers,
    deliveries: () => deliveries,
    handlers: {
      onEvent: async (event: CustomResourceRequest) => ({ PhysicalResourceId: `thing-${String(event.ResourceProperties.Name)}` }),
      isComplete: async (event: CustomResourceRequest) => {
        passes.push(clock.now());
        if (event.RequestType === 'Create' && failing) {
          throw new Error('It broke.');
        }
        return { IsComplete: event.RequestType === 'Delete' || create !== 'waits' || passes.length > 4 };
      },
    },
  });
  return { clock, driver, passes, mend: () => { failing = false; } };
}

function things(...names: readonly string[]): TemplateResources {
  return Object.fromEntries(names.map((name, index) => [`Thing${index}`, { Type: 'Custom::Thing', Properties: { Name: name } }]));
}

function createIds(driver: CloudFormationDriver, logicalId: string): readonly string[] {
  return driver.requests.filter(({ RequestType, LogicalResourceId }) => RequestType === 'Create' && LogicalResourceId === logicalId).map(({ RequestId }) => RequestId);
}

describe('A deployment that is tried again', () => {
  async function twice(answers: Partial<Answers>) {
    const { driver, mend } = setup({ answers, create: 'fails' });
    await driver.createStack('S', {});
    const first = await driver.updateStack('S', things('a'));
    mend();
    const second = await driver.updateStack('S', things('a'));
    return { first: first.status, second: second.status, ids: createIds(driver, 'Thing0'), reason: second.events.find(({ reason }) => reason)?.reason };
  }

  test('sends a new RequestId', async () => {
    const { first, second, ids } = await twice({ requestIds: 'fresh' });
    expect([first, second]).toEqual(['UPDATE_ROLLBACK_COMPLETE', 'UPDATE_COMPLETE']);
    expect(new Set(ids).size).toBe(2);
  });

  test('sends the RequestId of the first try where CloudFormation does so, which unnamed executions can live with', async () => {
    const { first, second, ids } = await twice({ requestIds: 'reused', executions: 'unnamed' });
    expect([first, second]).toEqual(['UPDATE_ROLLBACK_COMPLETE', 'UPDATE_COMPLETE']);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(1);
  });

  test('fails by its name where executions have the name of the request', async () => {
    const { second, reason } = await twice({ requestIds: 'reused', executions: 'named' });
    expect(second).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect(reason).toContain('Execution Already Exists');
  });
});

test.each([['named', 5], ['unnamed', 6]] as const)('a request that is delivered twice has one waiter if executions are named, and two at once otherwise: %s', async (executions, passes) => {
  const { driver, passes: seen } = setup({ answers: { executions }, deliveries: [0, 45_000], create: 'waits' });
  await driver.createStack('S', things('a'));
  await driver.settled();
  expect(seen).toHaveLength(passes);
});

test.each([['atOnce', 0], ['late', 10 * MINUTE]] as const)('what was replaced is deleted %s', async (cleanup, delay) => {
  const { driver, clock } = setup({ answers: { cleanup } });
  await driver.createStack('S', things('a'));
  const began = clock.now();
  await driver.updateStack('S', things('b'));
  expect(driver.requests.at(-1)).toMatchObject({ RequestType: 'Delete', PhysicalResourceId: 'thing-a' });
  expect(clock.now() - began).toBe(delay);
});

test.each(['moves', 'stays'] as const)('the time of the last event of a resource %s', async (lastUpdated) => {
  const { driver, clock } = setup({ answers: { lastUpdated } });
  const began = clock.now();
  await driver.createStack('S', things('a'));
  await clock.pause(MINUTE);
  await driver.updateStack('S', things('b'));
  expect(driver.lastEvent('S', 'Thing0')).toMatchObject({ status: 'DELETE_COMPLETE', time: lastUpdated === 'stays' ? began : began + MINUTE });

  await driver.updateStack('S', {});
  await clock.pause(MINUTE);
  const again = clock.now();
  await driver.updateStack('S', things('c'));
  expect(driver.lastEvent('S', 'Thing0')).toMatchObject({ time: again });
});
