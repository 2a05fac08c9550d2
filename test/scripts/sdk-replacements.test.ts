import { fromSharedConfigFiles } from '../../scripts/sdk-replacements/config-files';
import { defaultProvider } from '../../scripts/sdk-replacements/credential-provider';
import { EventStreamSerde, eventStreamSerdeProvider } from '../../scripts/sdk-replacements/event-streams';
import { HeaderFormatter } from '../../scripts/sdk-replacements/header-formatter';
import { getInstanceMetadataRegion } from '../../scripts/sdk-replacements/instance-metadata';
import { InvokeStore } from '../../scripts/sdk-replacements/invoke-store';
import { jsonReviver } from '../../scripts/sdk-replacements/json-reviver';
import { resolveRuntimeExtensions } from '../../scripts/sdk-replacements/runtime-extensions';
import { sdkStreamMixin } from '../../scripts/sdk-replacements/stream-mixin';

test.each<[string, () => unknown, RegExp]>([
  ['event streams', () => eventStreamSerdeProvider(), /no event streams: see scripts\/sdk-replacements\/event-streams\.ts/],
  ['the events of a stream', () => new EventStreamSerde(), /no event streams/],
  ['signatures of events', () => new HeaderFormatter().format(), /signs no event streams/],
  ['bodies that are streams', () => sdkStreamMixin(), /has no streams/],
  ['extensions of a client', () => resolveRuntimeExtensions({}, [{}]), /no runtime extensions/],
])('what the bundle does not have says so where it is asked for: %s', (_, use, message) => {
  expect(use).toThrow(message);
});

test('a client without extensions keeps its configuration', () => {
  const configuration = {};
  expect(resolveRuntimeExtensions(configuration, [])).toBe(configuration);
});

test('numbers are as JavaScript reads them', () => {
  expect(JSON.parse('{"a":[1,2.5,"3"],"b":null}', jsonReviver)).toEqual({ a: [1, 2.5, '3'], b: null });
});

test('there is one invocation at a time, whose trace is in the environment', async () => {
  expect(await InvokeStore.getInstanceAsync()).toBeUndefined();
});

test('where a file would be looked at, the SDK goes on to the next place', async () => {
  await expect(fromSharedConfigFiles()()).rejects.toMatchObject({ tryNextLink: true });
});

test('no Region is known of an instance', async () => {
  expect(await getInstanceMetadataRegion()).toBeUndefined();
});

test('credentials are those of the environment', async () => {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'session' });
  expect(await defaultProvider()()).toEqual(expect.objectContaining({ accessKeyId: 'AKID', secretAccessKey: 'secret', sessionToken: 'session' }));
});
