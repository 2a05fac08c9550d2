import { join } from 'node:path';
import { runCommand } from '../../command';
import { Moto, motoPython } from '../../moto';
import { ScaledClock } from '../clock';
import { Ec2AndImageBuilder } from '../emulator';

/** The first use downloads moto and boto3. */
const TIMEOUT_MS = 360_000;

async function writtenByBoto3(endpoint: string, ...options: readonly string[]): Promise<Record<string, unknown>> {
  const { python } = await motoPython();
  const { code, stdout, output } = await runCommand(python, [join(__dirname, 'boto3-client.py'), endpoint, ...options], {
    env: { PATH: process.env.PATH, NO_PROXY: '*' }, timeoutMs: 60_000,
  });
  expect(code === 0 ? '' : output).toBe('');
  return JSON.parse(stdout) as Record<string, unknown>;
}

test('boto3 writes a snapshot and reads it back, and gets the same from this emulator as from moto', async () => {
  const emulator = new Ec2AndImageBuilder({ clock: new ScaledClock(1_000) });
  const moto = await Moto.start();
  try {
    const endpoint = await emulator.listen();
    const [ours, theirs] = await Promise.all([writtenByBoto3(endpoint, 'strict'), writtenByBoto3(moto.endpoint)]);
    const { refused, ...shared } = ours;
    expect({ ...shared, refused: {} }).toEqual(theirs);
    expect(shared.read).toEqual([0, 7, 2_047].map((index) => [index, [true, expect.any(String), 524_288]]));
    expect(refused).toEqual({
      'checksum of something else': ['ValidationException', 'INVALID_BLOCK', 400],
      'short block': ['ValidationException', 'INVALID_BLOCK', 400],
      'block behind the volume': ['ValidationException', 'INVALID_BLOCK', 400],
      'unknown snapshot': ['ResourceNotFoundException', 'SNAPSHOT_NOT_FOUND', 404],
      'wrong count': ['ValidationException', 'INVALID_PARAMETER_VALUE', 400],
    });
    expect((await emulator.remaining()).snapshots).toEqual([]);
  } finally {
    await moto.stop();
    await emulator.close();
  }
}, TIMEOUT_MS);
