import { accountWithDisk } from '../sdk-clients';

describe('The REST protocol', () => {
  const VALID = { name: 'n', semanticVersion: '1.0.0', platform: 'Linux', vmImportTaskId: 'import-ami-0123456789abcdef0', clientToken: 't' };
  const cases: [string, string, string, unknown, number, string][] = [
    ['a body parameter that the model does not know', 'PUT', '/ImportVmImage', { ...VALID, surprise: 1 }, 400, 'UnknownParameter'],
    ['a nested one', 'PUT', '/ImportVmImage', { ...VALID, loggingConfiguration: { surprise: 'x' } }, 400, 'UnknownParameter'],
    ['a query parameter that the model does not know', 'GET', '/GetImage?imageBuildVersionArn=a&surprise=1', undefined, 400, 'UnknownParameter'],
    ['a query parameter in the body', 'DELETE', '/DeleteImage', { imageBuildVersionArn: 'a' }, 400, 'UnknownParameter'],
    ['a missing required parameter', 'GET', '/GetImage', undefined, 400, 'InvalidParameterValueException'],
    ['a missing client token', 'PUT', '/ImportVmImage', { ...VALID, clientToken: undefined }, 400, 'InvalidParameterValueException'],
    ['a number for a string', 'PUT', '/ImportVmImage', { ...VALID, name: 7 }, 400, 'SerializationException'],
    ['a string for a structure', 'PUT', '/ImportVmImage', { ...VALID, loggingConfiguration: 'x' }, 400, 'SerializationException'],
    ['a number for a tag value', 'PUT', '/ImportVmImage', { ...VALID, tags: { a: 1 } }, 400, 'SerializationException'],
    ['an object for a list', 'POST', '/ListImages', { filters: {} }, 400, 'SerializationException'],
    ['a body that is no object', 'POST', '/ListImages', [], 400, 'SerializationException'],
    ['a path that is none', 'GET', '/ListRockets', undefined, 404, 'UnknownOperationException'],
    ['a wrong method', 'POST', '/GetImage', undefined, 404, 'UnknownOperationException'],
  ];
  test.each(cases)('refuses %s', async (_, method, address, content, status, code) => {
    const { emulator } = accountWithDisk();
    const { pathname, searchParams } = new URL(address, 'http://localhost');
    const body = content === undefined ? '' : JSON.stringify(content);
    expect(await emulator.handle({ method, path: pathname, query: searchParams, body })).toMatchObject({
      kind: 'answered',
      response: { status, headers: { 'x-amzn-errortype': code, 'content-type': 'application/json' }, body: expect.stringContaining('"message":') },
    });
    expect(emulator.calls()).toMatchObject([{ service: 'imagebuilder', outcome: { kind: 'answered', status, errorCode: code } }]);
  });

  test('refuses a body that is not JSON', async () => {
    const { emulator } = accountWithDisk();
    const outcome = await emulator.handle({ method: 'POST', path: '/ListImages', query: new URLSearchParams(), body: '{' });
    expect(outcome).toMatchObject({ response: { headers: { 'x-amzn-errortype': 'SerializationException' } } });
  });
});
