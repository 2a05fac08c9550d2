/**
 * Stands in for what the SDK's HTTP protocols load for operations whose input or output is a stream of events. No operation
 * that is called here is one.
 */
export function eventStreamSerdeProvider(): never {
  throw new Error('The bundle has no event streams: see scripts/sdk-replacements/event-streams.ts.');
}

export class EventStreamSerde {
  constructor() {
    eventStreamSerdeProvider();
  }
}
