import type { ClientConfig } from './local-cloud';

/** Every message in every log group, by group, oldest first. */
export async function readFunctionLogs(config: ClientConfig): Promise<ReadonlyMap<string, readonly string[]>> {
  const { logGroups } = await ask<{ logGroups: readonly { logGroupName: string }[] }>(config, 'DescribeLogGroups', {});
  const messages = new Map<string, readonly string[]>();
  for (const { logGroupName } of logGroups) {
    const { events } = await ask<{ events: readonly { message: string }[] }>(config, 'FilterLogEvents', { logGroupName });
    messages.set(logGroupName, events.map(({ message }) => message));
  }
  return messages;
}

/** CloudWatch Logs in its JSON protocol; two calls of it are not worth an SDK client. */
async function ask<T>({ endpoint, region }: ClientConfig, action: string, input: object): Promise<T> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `Logs_20140328.${action}`,
      'authorization': `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/logs/aws4_request, SignedHeaders=host, Signature=none`,
    },
    body: JSON.stringify(input),
  });
  if (!response.ok) {
    throw new Error(`${action} answered ${response.status}: ${await response.text()}`);
  }
  return await response.json() as T;
}
