import { ScaledClock } from './clock';
import type { Ec2AndImageBuilder } from './emulator';
import { FaultRule } from './fault';
import { textOf, WireRequest, WireResponse } from './wire';

/** Where tests in another process look at the emulator and set its faults; AWS has nothing under it. */
export const CONTROL_PREFIX = '/_emulator/';

/**
 * GET rules, POST rules (a rule) → { id }, DELETE rules, DELETE rules/ID · GET calls?since=SEQ, DELETE calls ·
 * GET state · GET remaining · GET disks/TASK · POST snapshots (a description) → { id } · POST reset ·
 * GET time, PUT time { speed }.
 */
export async function control(emulator: Ec2AndImageBuilder, request: WireRequest): Promise<WireResponse> {
  try {
    return await perform(emulator, request);
  } catch (error) {
    return { ...json({ message: String(error) }), status: 400 };
  }
}

async function perform(emulator: Ec2AndImageBuilder, { method, path, query, body: sent }: WireRequest): Promise<WireResponse> {
  const body = textOf(sent);
  const [what, id] = path.slice(CONTROL_PREFIX.length).split('/').map(decodeURIComponent);
  switch (`${method} ${what}`) {
    case 'GET rules':
      return json(emulator.rules());
    case 'POST rules':
      return json({ id: emulator.addRule(JSON.parse(body) as FaultRule) });
    case 'DELETE rules':
      if (id === undefined) {
        emulator.clearRules();
      } else {
        emulator.removeRule(id);
      }
      return json({});
    case 'GET calls': {
      const since = Number(query.get('since') ?? 0);
      return json(emulator.calls().filter(({ seq }) => seq > since));
    }
    case 'DELETE calls':
      emulator.clearCalls();
      return json({});
    case 'GET state':
      return json(await emulator.state());
    case 'GET remaining':
      return json(await emulator.remaining());
    case 'GET disks':
      return json(await emulator.disksRead(id ?? ''));
    case 'POST snapshots':
      return json({ id: emulator.giveSnapshot(body === '' ? {} : JSON.parse(body) as Record<string, never>) });
    case 'POST reset':
      emulator.reset();
      return json({});
    case 'GET time':
      return json(timeOf(emulator));
    case 'PUT time':
      return setSpeed(emulator, body);
    default:
      return { ...json({ message: `There is no ${method} ${path}` }), status: 404 };
  }
}

function setSpeed(emulator: Ec2AndImageBuilder, body: string): WireResponse {
  const { clock } = emulator;
  const { speed } = JSON.parse(body) as { speed: number };
  if (!(clock instanceof ScaledClock)) {
    return { ...json({ message: 'Only a ScaledClock has a speed' }), status: 400 };
  }
  clock.setSpeed(speed);
  return json(timeOf(emulator));
}

function timeOf({ clock }: Ec2AndImageBuilder): object {
  return { now: clock.now(), speed: clock instanceof ScaledClock ? clock.getSpeed() : undefined };
}

function json(value: unknown): WireResponse {
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) };
}
