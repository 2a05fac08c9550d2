/** Stands in for what the SDK's signer writes the headers of the events of a stream with: see event-streams.ts. */
export class HeaderFormatter {
  public format(): never {
    throw new Error('The bundle signs no event streams: see scripts/sdk-replacements/header-formatter.ts.');
  }
}
