import { waitOutErrors, type PassResult, type Refusals } from '../../../lambda/aws/wait-out-errors';

function error(name: string, status = 400): Error {
  return Object.assign(new Error('no'), { name, $metadata: { httpStatusCode: status } });
}

const refused = async (): Promise<PassResult> => {
  throw error('AccessDenied', 403);
};

/** A pass at so many seconds. */
const passAt = (refusals: Refusals, seconds: number, pass: () => Promise<PassResult>) => waitOutErrors({ id: 'vm-import-1', now: seconds * 1_000, refusals }, pass);

test.each([
  ['RequestLimitExceeded', 503, 'AWS to answer (RequestLimitExceeded: no)'],
  ['ResourceLimitExceeded', 400, 'a free slot: queued because too many imports run in this account and Region (ResourceLimitExceeded: no)'],
  ['InvalidSnapshot.InUse', 400, 'AWS to answer (InvalidSnapshot.InUse: no)'],
])('a pass that ends in %s waits', async (name, status, on) => {
  expect(await passAt(new Map(), 0, async () => {
    throw error(name, status);
  })).toEqual({ kind: 'wait', on });
});

test('a refusal is final once it has lasted for 300 s since the first one', async () => {
  const refusals: Refusals = new Map();
  expect(await passAt(refusals, 5_000, refused)).toMatchObject({ kind: 'wait' });
  expect(await passAt(refusals, 5_299, refused)).toMatchObject({ kind: 'wait' });
  expect(await passAt(refusals, 5_300, refused)).toEqual({ kind: 'fail', reason: 'The functions of VmImportProvider lack a permission: AccessDenied: no' });
});

test('a ClientException, which Image Builder has for all that it does not see yet, is final once it has lasted for 300 s', async () => {
  const refusals: Refusals = new Map();
  const unsettled = async () => {
    throw error('ClientException');
  };
  expect(await passAt(refusals, 5_000, unsettled)).toEqual({ kind: 'wait', on: 'AWS to accept the call (ClientException: no)' });
  expect(await passAt(refusals, 5_299, unsettled)).toMatchObject({ kind: 'wait' });
  expect(await passAt(refusals, 5_300, unsettled)).toEqual({ kind: 'fail', reason: 'AWS refused a call of the VM import: ClientException: no' });
});

test('a pass that AWS does not refuse begins the time anew, unless it postponed its call', async () => {
  const refusals: Refusals = new Map();
  await passAt(refusals, 0, refused);
  await passAt(refusals, 100, async () => ({ kind: 'wait', on: 'its turn', queued: 'postponed' }));
  expect(await passAt(refusals, 300, refused)).toMatchObject({ kind: 'fail' });
  await passAt(refusals, 310, async () => ({ kind: 'wait', on: 'the task' }));
  expect(await passAt(refusals, 320, refused)).toMatchObject({ kind: 'wait' });
});
