import { NOTHING_LEFT, Rig } from './rig';
import type { FaultEffect } from '../local-cloud/emulator';

/**
 * A Delete believes that nothing was started when it finds nothing for long enough. What a pass started just before, or
 * EC2 acts on late, must be listed by then.
 */
async function deletedMeanwhile(effect: FaultEffect, elapsed: number) {
  const rig = new Rig();
  const event = rig.create();
  const named = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
  rig.clock.advance(elapsed * 1_000);
  rig.untilItsTurn({ ...event, ...named });
  rig.cloud.addRule({ match: { action: 'ImportImage', call: 1 }, effect });
  rig.cloud.addRule({ match: { service: 'ec2' }, effect: { kind: 'invisible', listMs: 20_000, getMs: 20_000 } });
  const started = rig.pass({ ...event, ...named }).catch(() => undefined);
  // The call is under way when CloudFormation gives up.
  while (rig.count('ImportImage') === 0) {
    await new Promise(setImmediate);
  }
  await rig.deliver(rig.delete('S-GoldenImport-1ABCDEF234567'));
  const left = await rig.cloud.remaining();
  rig.clock.advance(60 * 60_000);
  await started;
  return { left, afterwards: await rig.cloud.remaining() };
}

test.each([0, 9, 600])('a call to ImportImage that EC2 acts on 80 s late, sent %i s after its request, leaves nothing behind a Delete', async (elapsed) => {
  expect(await deletedMeanwhile({ kind: 'delay', ms: 80_000 }, elapsed)).toEqual({ left: NOTHING_LEFT, afterwards: NOTHING_LEFT });
});

test.each(['ImportImage', 'ImportVmImage'])('a call to %s is given up, with all its retries, after 25 s', async (action) => {
  const rig = new Rig();
  const timeout = jest.spyOn(AbortSignal, 'timeout');
  const event = rig.create();
  const named = await rig.handlers.onEvent(event, { getRemainingTimeInMillis: () => 60_000 });
  if (action === 'ImportVmImage') {
    await rig.pass({ ...event, ...named });
    rig.clock.advance(30 * 60_000);
  }
  timeout.mockImplementation((ms) => {
    const ended = new AbortController();
    if (ms === 25_000) {
      ended.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    }
    return ended.signal;
  });
  try {
    expect(await rig.pass({ ...event, ...named })).toEqual({ IsComplete: false });
    expect(rig.logs.at(-1)?.status).toMatch(/^AWS to answer \((AbortError|TimeoutError)/);
    expect(rig.count(action)).toBe(0);
  } finally {
    timeout.mockRestore();
  }
});
