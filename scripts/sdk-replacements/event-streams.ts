/**
 * Stands in for `@smithy/core/event-streams`, which the SDK's HTTP protocols load for operations whose input or output is a
 * stream of events. No operation that is called here is one.
 */
function unexpected(): never {
  throw new Error('The bundle has no event streams: take @smithy/core/event-streams out of the replacements in scripts/bundle.ts.');
}

export class EventStreamSerde {
  constructor() {
    unexpected();
  }
}

export const eventStreamSerdeProvider = unexpected;
