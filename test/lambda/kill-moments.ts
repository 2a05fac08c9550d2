import type { KillMoment, StackRig } from './stack-rig';

/**
 * The moments at which a crash test kills the handler, as a run without a kill recorded them in `rig`: those between which AWS differs,
 * or with EVERY_CALL=true before and after each of its calls.
 */
export function killMoments(rig: StackRig): readonly KillMoment[] {
  return process.env.EVERY_CALL === 'true'
    ? Array.from({ length: rig.calls }, (_, index) => [{ call: index + 1, moment: 'before' }, { call: index + 1, moment: 'after' }] as const).flat()
    : rig.moments;
}
