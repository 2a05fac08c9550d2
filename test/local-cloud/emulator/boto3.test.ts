import { join } from 'node:path';
import { runCommand } from '../command';
import { motoPython } from '../moto';
import { Ec2AndImageBuilder, MemoryDiskSource, ScaledClock } from './index';

/** The first use downloads moto, which comes with boto3. */
const TIMEOUT_MS = 360_000;

test('boto3, a client that nobody here wrote, gets from an import what AWS would have answered', async () => {
  const { python } = await motoPython();
  const disks = new MemoryDiskSource().putObject('bucket', 'disk.raw', 'disk');
  const emulator = new Ec2AndImageBuilder({ clock: new ScaledClock(3_000), disks });
  try {
    const endpoint = await emulator.listen();
    emulator.addRule({ match: { id: 'amazon', action: 'DescribeImages' }, effect: { kind: 'throttle' } });
    emulator.addRule({ match: { id: 'amazon', action: 'DescribeSnapshots' }, effect: { kind: 'dropAfter' } });
    emulator.addRule({ match: { action: 'ListImages' }, effect: { kind: 'throttle' } });
    const { code, stdout, output } = await runCommand(python, [join(__dirname, 'boto3-client.py'), endpoint], { env: { PATH: process.env.PATH, NO_PROXY: '*' }, timeoutMs: 60_000 });
    expect(code === 0 ? '' : output).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      'same task': true,
      'started': ['active', 'pending', '1'],
      'pages': [1, 1],
      'filtered': [[true, [{ Key: 'name', Value: 'é & <b>' }], '<root> & "data"']],
      'cancelled': ['active', 'deleting'],
      'disk': [4, true],
      'ami': ['available', 'x86_64', '20', []],
      'snapshots': [[true, true, [{ Key: 'k', Value: 'v' }]]],
      'image': ['1.0.0/1', true, { a: 'b c' }],
      'builds': [[true, { c: 'd' }]],
      'errors': {
        'image still being made': ['ResourceDependencyException', 400],
        'image held by a recipe': ['ResourceDependencyException', 400],
        'image gone': ['ResourceNotFoundException', 404],
        'snapshot in use': ['InvalidSnapshot.InUse', 400],
        'snapshot gone': ['InvalidSnapshot.NotFound', 400],
        'AMI gone': ['InvalidAMIID.Unavailable', 400],
        'token with other parameters': ['IdempotentParameterMismatch', 400],
        'role': ['InvalidParameter', 400],
        'unknown task': ['InvalidConversionTaskId.Malformed', 400],
        'throttled': ['RequestLimitExceeded', 503],
        'throttled by Image Builder': ['ThrottlingException', 429],
        'dropped': ['connection closed'],
      },
    });
    expect(await emulator.remaining()).toEqual({ tasks: [], amis: [], snapshots: [], images: [], recipes: [] });
  } finally {
    await emulator.close();
  }
}, TIMEOUT_MS);
