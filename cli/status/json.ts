import { Told } from './lines';

/**
 * The shape that scripts get, documented in docs/command.md: what is there is only added to. Times are ISO 8601, durations
 * seconds.
 */
export function jsonOf(region: string, now: number, imports: readonly Told[]): object {
  return { region, at: new Date(now).toISOString(), imports: imports.map(importJson) };
}

function importJson({ view, elapsed, left }: Told): object {
  const { stage, startedAt, ...names } = view;
  const { kind, ...details } = stage;
  return {
    ...names,
    stage: kind,
    ...detailsJson(stage.kind, details),
    startedAt: startedAt === undefined ? undefined : new Date(startedAt).toISOString(),
    elapsedSeconds: secondsOf(elapsed),
    estimatedSecondsLeft: secondsOf(left),
  };
}

function secondsOf(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : Math.round(milliseconds / 1000);
}

function detailsJson(kind: Told['view']['stage']['kind'], details: object): object {
  switch (kind) {
    case 'queued':
      return { queue: details };
    case 'failed':
      return { failure: details };
    case 'copying':
      // It is one of the copies.
      return {};
    default:
      return details;
  }
}
