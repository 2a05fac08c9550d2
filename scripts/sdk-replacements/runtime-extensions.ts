/** Stands in for a client's extensions, which change its configuration. No client here is made with any. */
export function resolveRuntimeExtensions<T>(configuration: T, extensions: readonly unknown[]): T {
  if (extensions.length > 0) {
    throw new Error('The bundle has no runtime extensions: see scripts/sdk-replacements/runtime-extensions.ts.');
  }
  return configuration;
}
