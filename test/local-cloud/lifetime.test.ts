import { Lifetime } from './lifetime';

describe('a lifetime', () => {
  test('ends in reverse order what was begun, once', async () => {
    const ended: string[] = [];
    const lifetime = new Lifetime();
    lifetime.atEnd(async () => void ended.push('folder'));
    lifetime.atEnd(async () => void ended.push('process'));
    await Promise.all([lifetime.end(), lifetime.end()]);
    expect(ended).toEqual(['process', 'folder']);
    expect(lifetime.signal.aborted).toBe(true);
  });

  test('tries every ending, and tells of the first that failed', async () => {
    const ended: string[] = [];
    const lifetime = new Lifetime();
    lifetime.atEnd(async () => void ended.push('folder'));
    lifetime.atEnd(async () => Promise.reject(new Error('still busy')));
    await expect(lifetime.end()).rejects.toThrow('still busy');
    expect(ended).toEqual(['folder']);
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('ends on %s, and then lets the signal have its way', async (signal) => {
    const before = process.listenerCount(signal);
    const kill = jest.spyOn(process, 'kill').mockReturnValue(true);
    const lifetime = new Lifetime();
    const ending = new Promise<void>((resolve) => lifetime.atEnd(async () => resolve()));
    process.emit(signal, signal);
    await ending;
    await lifetime.end();
    await new Promise((resolve) => setImmediate(resolve));
    expect(kill).toHaveBeenCalledWith(process.pid, signal);
    expect(process.listenerCount(signal)).toBe(before);
    kill.mockRestore();
  });
});
