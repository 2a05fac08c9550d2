import { jsonLog } from '../../../lambda/aws/log';

test('a log line is one JSON object without undefined fields and without the credential of a presigned URL', () => {
  const lines: string[] = [];
  jsonLog((line) => lines.push(line))({ action: 'wait', progress: undefined, elapsed: 30, status: 'reading https://host/k.ova?X-Amz-Signature=secret' });
  expect(lines).toEqual(['{"action":"wait","elapsed":30,"status":"reading https://host/k.ova?…"}']);
});
