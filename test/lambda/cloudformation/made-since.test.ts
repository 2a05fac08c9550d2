import { madeSince } from '../../../lambda/cloudformation/made-since';

const BEGAN = 100_000;

test('the clocks of two services may differ by five seconds', async () => {
  const made = [{ importId: 'new', createdAt: BEGAN - 5_000 }, { importId: 'old', createdAt: BEGAN - 5_001 }];
  expect([...await madeSince(async () => BEGAN, made, [])]).toEqual(['new']);
});

test('an import with anything older is older, whatever else of it is new or has no date', async () => {
  const made = [{ importId: 'old', createdAt: 0 }, { importId: 'old', createdAt: BEGAN }, { importId: 'new', createdAt: BEGAN }];
  expect([...await madeSince(async () => BEGAN, made, [{ importId: 'old' }, { importId: 'undated' }])]).toEqual(['undated', 'new']);
});

test('without a date, nobody asks when the operation began', async () => {
  const began = jest.fn();
  expect([...await madeSince(began, [], [{ importId: 'undated' }])]).toEqual(['undated']);
  expect(began).not.toHaveBeenCalled();
});
