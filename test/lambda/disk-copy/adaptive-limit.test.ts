import { AdaptiveLimit } from '../../../lambda/disk-copy/adaptive-limit';

/** A service whose answers the test gives one by one. */
function service() {
  const open: { readonly succeed: () => void; readonly fail: (error: Error) => void }[] = [];
  return {
    open,
    request: async () => new Promise<void>((succeed, fail) => open.push({ succeed, fail })),
  };
}

const settled = async () => new Promise<void>(resolve => setImmediate(resolve));
const overload = new Error('overload');
const isOverload = (error: unknown) => error === overload;

describe('the adaptive limit', () => {
  test('begins with 16 requests in flight, and the next one begins when one has ended', async () => {
    const [limit, { open, request }] = [new AdaptiveLimit(), service()];
    const all = Array.from({ length: 20 }, async () => limit.run(request, isOverload));
    await settled();
    expect(open).toHaveLength(16);
    open[0]?.succeed();
    await settled();
    expect(open).toHaveLength(17);
    for (let at = 1; at < 20; at++) {
      open[at]?.succeed();
      await settled();
    }
    await Promise.all(all);
  });

  test('grows by one for each limit of successes, up to 64', async () => {
    const limit = new AdaptiveLimit();
    for (let call = 0; call < 17; call++) await limit.run(async () => {}, isOverload);
    expect(limit.current).toBe(17);
    for (let call = 0; call < 5_000; call++) await limit.run(async () => {}, isOverload);
    expect(limit.current).toBe(64);
  });

  test('halves once for all requests that were in flight together, and again for a later one', async () => {
    const [limit, { open, request }] = [new AdaptiveLimit(), service()];
    const all = Array.from({ length: 16 }, async () => limit.run(request, isOverload).catch(() => {}));
    open.forEach(({ fail }) => fail(overload));
    await Promise.all(all);
    expect(limit.current).toBe(8);
    await expect(limit.run(async () => { throw overload; }, isOverload)).rejects.toBe(overload);
    expect(limit.current).toBe(4);
    for (let call = 0; call < 5; call++) await limit.run(async () => { throw overload; }, isOverload).catch(() => {});
    expect(limit.current).toBe(1);
  });

  test('stays as it is at an error that is no overload', async () => {
    const limit = new AdaptiveLimit();
    await expect(limit.run(async () => { throw new Error('other'); }, isOverload)).rejects.toThrow('other');
    expect(limit.current).toBe(16);
  });

  test('lets no request in beyond a limit that has shrunk', async () => {
    const [limit, { open, request }] = [new AdaptiveLimit(), service()];
    const all = Array.from({ length: 18 }, async () => limit.run(request, isOverload).catch(() => {}));
    await settled();
    open[0]?.fail(overload);
    await settled();
    expect([limit.current, open.length]).toEqual([8, 16]);
    for (let at = 1; at < 9; at++) {
      open[at]?.succeed();
      await settled();
    }
    expect(open.length).toBe(17);
    for (let at = 9; at < 18; at++) {
      open[at]?.succeed();
      await settled();
    }
    await Promise.all(all);
  });
});
