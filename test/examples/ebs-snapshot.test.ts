import { AnExample } from './an-example';
import { statementsOf } from '../security/deployed-roles';
import { TemplateJson } from '../security/resolve-template';

const example = new AnExample('ebs-snapshot', { context: { snapshot: 'snap-00112233445566778' } });

test('the snapshot is imported as it is, without a format or an object', () => {
  expect(example.imports[0]?.ImportImage?.DiskContainers).toStrictEqual([{ SnapshotId: 'snap-00112233445566778' }]);
  expect(example.serviceRoleMay('s3')).toStrictEqual([]);
});

test('nobody may delete the snapshot but by the tag of an import, which it does not have', () => {
  const deleting = statementsOf(example.template.toJSON() as TemplateJson, '', 'isComplete').filter(({ Action }) => [Action].flat().includes('ec2:DeleteSnapshot'));
  expect(deleting.length).toBeGreaterThan(0);
  deleting.forEach(({ Condition }) => expect(JSON.stringify(Condition)).toContain('aws:ResourceTag/cdk-vm-import:id'));
});
