import { clean, Failure, withoutSecrets } from '../../../lambda/cloudformation/failure';

describe('a failure', () => {
  test('shows users one sentence, without a stack trace', () => {
    const failure = new Failure('The disk is\n  bad.');
    expect(failure.message).toBe('The disk is bad.');
    expect(failure.stack).toBe('The disk is bad.');
    expect(failure.name).toBe('VmImportFailure');
  });

  test('is short enough for the answer to CloudFormation', () => {
    expect(clean('x'.repeat(5000))).toHaveLength(1200);
    expect(clean('x'.repeat(1200))).toBe('x'.repeat(1200));
  });

  test.each([
    ['https://b.s3.amazonaws.com/k.ova?X-Amz-Signature=abc&x=1 failed', 'https://b.s3.amazonaws.com/k.ova?… failed'],
    ["https://host/k'1?a='b'&token=1", "https://host/k'1?…"],
    ['"https://host/k?token=1"', '"https://host/k?…"'],
    ['HTTP://host/k?a HTTPS://host/l?b', 'HTTP://host/k?… HTTPS://host/l?…'],
    ['s3://b/k.ova is fine? yes', 's3://b/k.ova is fine? yes'],
  ])('does not give away a presigned URL: %s', (text, shown) => {
    expect(withoutSecrets(text)).toBe(shown);
    expect(new Failure(text).message).toBe(shown);
  });
});
