import { isOfFamily, importIdOf, importIdOfSegment, importIdPattern, parseImportId, segmentId } from '../../../lambda/cloudformation/physical-id';
import type { CloudFormationRequest, Properties } from '../../../lambda/cloudformation/requests';
import { importImageToken, importVmImageToken } from '../../../lambda/import/act';
import { importContent, newImportName } from '../../../lambda/import/name';
import { parseRequest } from '../../../lambda/import/request';
import { createRequest, importProperties } from '../requests';

const nameOf = (event: CloudFormationRequest) => newImportName(event, parseRequest(event));

describe('the name of an import', () => {
  test('is the same however often a request is delivered', () => {
    expect(nameOf(createRequest())).toEqual(nameOf(createRequest()));
  });

  test.each([
    ['stack', { StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/S/99999999-2222-3333-4444-555555555555' }],
    ['logical id', { LogicalResourceId: 'Other' }],
    ['request', { RequestId: 'request-2' }],
    ['try to the next with the same RequestId', { ResponseURL: 'https://cloudformation-custom-resource-response.invalid/2' }],
  ])('differs from one %s to another', (_what, change) => {
    expect(importIdOf(nameOf({ ...createRequest(), ...change }))).not.toBe(importIdOf(nameOf(createRequest())));
  });

  test('keeps its resource part through an update, and changes its content part with what is imported', () => {
    const before = nameOf(createRequest());
    const after = nameOf({
      ...createRequest({ ImportVmImage: { name: 'Golden', semanticVersion: '2.0.0', platform: 'Linux' } }),
      RequestType: 'Update',
      RequestId: 'request-2',
      PhysicalResourceId: importIdOf(before),
      OldResourceProperties: importProperties(),
    });
    expect(after.resource).toBe(before.resource);
    expect(after.content).not.toBe(before.content);
    expect(after.request).not.toBe(before.request);
  });

  test('begins with the UUID of its stack, as the policies of the stack expect', () => {
    expect(importIdOf(nameOf(createRequest()))).toMatch(/^vm-import-11111111-2222-3333-4444-555555555555-[0-9a-f]{12}-[0-9a-f]{12}-[0-9a-f]{12}$/);
  });

  test('reads back from its id', () => {
    const name = nameOf(createRequest());
    expect(parseImportId(importIdOf(name))).toEqual(name);
    expect(importIdPattern(name)).toBe(`vm-import-${name.stack}-${name.resource}-${name.content}-*`);
    expect(isOfFamily(name, importIdOf({ ...name, request: '000000000000' }))).toBe(true);
    expect(isOfFamily(name, importIdOf({ ...name, content: '000000000000' }))).toBe(false);
    expect(isOfFamily(name, importIdOf({ ...name, resource: '000000000000' }))).toBe(false);
    expect(isOfFamily(name, importIdOf({ ...name, stack: '99999999-2222-3333-4444-555555555555' }))).toBe(false);
    expect(isOfFamily(name, `${importIdOf(name)}0`)).toBe(false);
    expect(isOfFamily(name, 'somebody-else')).toBe(false);
    const { stack, resource } = name;
    expect(importIdPattern({ stack, resource })).toBe(`vm-import-${stack}-${resource}-*`);
    expect(isOfFamily({ stack, resource }, importIdOf({ ...name, content: '000000000000' }))).toBe(true);
    expect(isOfFamily({ stack, resource }, importIdOf({ ...name, resource: '000000000000' }))).toBe(false);
  });

  test.each(['', 'vm-import-1-2-3', 'vm-import-000000000000-000000000000-000000000000', 'vm-import-stack-000000000000-000000000000-000000000000', 'AWSCDK::CustomResourceProviderFramework::CREATE_FAILED'])('is not read from %p', (id) => {
    expect(parseImportId(id)).toBeUndefined();
  });
});

describe('the content of an import', () => {
  const content = (change: Properties) => importContent(parseRequest(createRequest(change)));

  test.each<readonly [string, Properties]>([
    ['tags', { Tags: { team: 'b' } }],
    ['timeout', { Timeout: '7200' }],
    ['segments', { Segment: '2', Segments: '3', Budget: '60', ImportId: 'vm-import-11111111-2222-3333-4444-555555555555-000000000000-000000000000-000000000000' }],
    ['attempts', { MaxAttempts: '5' }],
    ['order of properties', { ImportVmImage: { platform: 'Linux', semanticVersion: '1.0.0', name: 'Golden' } }],
  ])('does not change with %s', (_what, change) => {
    expect(content(change)).toBe(content({}));
  });

  test.each<readonly [string, Properties]>([
    ['the name', { ImportVmImage: { name: 'Other', semanticVersion: '1.0.0', platform: 'Linux' } }],
    ['the revision', { Revision: '2' }],
    ['the role', { ImportImage: { DiskContainers: [], RoleName: 'other' } }],
    ['the disk', { ImportImage: { DiskContainers: [{ SnapshotId: 'snap-2' }], RoleName: 'vmimport' } }],
    ['adoption', { ImportImage: undefined, ImportTaskId: 'import-ami-1' }],
  ])('changes with %s', (_what, change) => {
    expect(content(change)).not.toBe(content({}));
  });
});

describe('segments', () => {
  const id = importIdOf(nameOf(createRequest()));

  test('all lead to the import that they belong to', () => {
    expect(segmentId(id, 1)).toBe(id);
    expect(segmentId(id, 3)).toBe(`${id}/3`);
    expect([id, `${id}/3`].map(importIdOfSegment)).toEqual([id, id]);
  });

  test('of no import are refused in one sentence', () => {
    expect(() => importIdOfSegment('somebody-else/2')).toThrow('The segment "somebody-else/2" is not part of a VM import');
  });
});

describe('client tokens', () => {
  test('differ by import, by attempt and by task, and fit both services (1 to 36 characters)', () => {
    const tokens = [
      importImageToken('a', 1), importImageToken('a', 2), importImageToken('b', 1), importVmImageToken('a', 'import-ami-1'), importVmImageToken('a', 'import-ami-2'),
    ];
    expect(new Set(tokens).size).toBe(tokens.length);
    for (const token of tokens) {
      expect(token).toMatch(/^[0-9a-f]{32}$/);
    }
  });
});
