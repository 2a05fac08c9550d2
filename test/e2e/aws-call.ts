import type { LocalCloud } from '../local-cloud/local-cloud';

/** Calls an API that no SDK client is here for, on AWS's Query protocol; the answer is XML. */
export async function queryCall(cloud: LocalCloud, service: string, parameters: Readonly<Record<string, string>>): Promise<string> {
  return call(cloud, service, { 'content-type': 'application/x-www-form-urlencoded' }, new URLSearchParams(parameters).toString());
}

/** Calls an API on AWS's JSON protocol; `target` names its version and the action. */
export async function jsonCall(cloud: LocalCloud, service: string, target: string, parameters: object): Promise<unknown> {
  return JSON.parse(await call(cloud, service, { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target }, JSON.stringify(parameters)));
}

async function call(cloud: LocalCloud, service: string, headers: Readonly<Record<string, string>>, body: string): Promise<string> {
  const { endpoint, region } = cloud.clientConfig();
  const authorization = `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  const answer = await fetch(endpoint, { method: 'POST', headers: { ...headers, authorization }, body, signal: AbortSignal.timeout(10_000) });
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`${service} answers HTTP ${answer.status}: ${text}`);
  }
  return text;
}
