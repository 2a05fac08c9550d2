import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { AnExample } from './an-example';
import { Statement, statementsOf } from '../security/deployed-roles';
import { TemplateJson } from '../security/resolve-template';

const example = new AnExample('cross-account-bucket', { env: { account: '111122223333', region: 'us-east-1' } });
const OBJECT = 'arn:aws:s3:::their-vm-exports/handover/billing.ova';
const KEY = 'arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab';

/** The policies in the example's README: of the bucket, and a statement of the key. */
const [bucketPolicy, keyStatement] = [...readFileSync(join(__dirname, '..', '..', 'examples', 'cross-account-bucket', 'README.md'), 'utf8')
  .matchAll(/```json\n([\s\S]*?)```/g)].map(([, json = '']) => JSON.parse(json) as { readonly Statement?: readonly Statement[] } & Statement);

test('the service role reads the one object of the other account, and decrypts with its key for S3 only', () => {
  expect(example.serviceRoleMay('s3')).toContainEqual({ Effect: 'Allow', Action: 's3:GetObject', Resource: OBJECT });
  expect(example.serviceRoleMay('kms')).toMatchObject([
    { Action: 'kms:Decrypt', Resource: KEY, Condition: { StringLike: { 'kms:ViaService': 's3.us-east-1.amazonaws.com*' } } },
  ]);
});

test('the policies in its README allow all that the roles of this account may do there', () => {
  const template = example.template.toJSON() as TemplateJson;
  const needed = (['service', 'onEvent'] as const).flatMap((who) => statementsOf(template, '', who));
  const actionsOn = (pattern: RegExp) => needed
    .filter(({ Resource }) => [Resource].flat().some((arn) => pattern.test(arn)))
    .flatMap(({ Action }) => Action);
  const allowed = [bucketPolicy?.Statement?.[0]?.Action ?? []].flat();
  expect(new Set(actionsOn(/^arn:aws:s3:::their-vm-exports/))).toEqual(new Set(allowed));
  expect(bucketPolicy?.Statement?.[0]?.Resource).toEqual(['arn:aws:s3:::their-vm-exports', 'arn:aws:s3:::their-vm-exports/handover/*']);
  expect(new Set(actionsOn(/^arn:aws:kms:us-east-1:444455556666:/))).toEqual(new Set([keyStatement?.Action]));
});

test('synthesis says nothing more of the other account, as its policies are known to be set', () => {
  Annotations.fromStack(example.stack).hasNoWarning('*', Match.anyValue());
});
