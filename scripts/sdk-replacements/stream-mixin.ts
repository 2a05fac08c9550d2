/** Stands in for what makes the body of an answer a stream to read from. Every operation that is called here answers with a document. */
export function sdkStreamMixin(): never {
  throw new Error('The bundle has no streams: see scripts/sdk-replacements/stream-mixin.ts.');
}
