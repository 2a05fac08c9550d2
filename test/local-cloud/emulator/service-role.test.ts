import { mayBeAssumedByVmImport } from './service-role';

const STATEMENT = {
  Effect: 'Allow',
  Action: 'sts:AssumeRole',
  Principal: { Service: 'vmie.amazonaws.com' },
  Condition: { StringEquals: { 'sts:Externalid': 'vmimport' } },
};

describe('A trust policy', () => {
  const cases: [string, unknown, boolean][] = [
    ['of the user guide', { Statement: [STATEMENT] }, true],
    ['with one statement that is no list', { Statement: STATEMENT }, true],
    ['with lists of actions, principals and values', {
      Statement: [{
        ...STATEMENT,
        Action: ['sts:TagSession', 'sts:AssumeRole'],
        Principal: { Service: ['ec2.amazonaws.com', 'vmie.amazonaws.com'] },
        Condition: { StringEquals: { 'sts:Externalid': ['vmimport'] } },
      }],
    }, true],
    ['with the condition key in another case', { Statement: [{ ...STATEMENT, Condition: { StringEquals: { 'sts:ExternalId': 'vmimport' } } }] }, true],
    ['with another statement before', { Statement: [{ ...STATEMENT, Effect: 'Deny', Principal: '*' }, STATEMENT] }, true],
    ['that denies', { Statement: [{ ...STATEMENT, Effect: 'Deny' }] }, false],
    ['without the external id', { Statement: [{ ...STATEMENT, Condition: undefined }] }, false],
    ['of another action', { Statement: [{ ...STATEMENT, Action: 'sts:TagSession' }] }, false],
    ['that is no policy', 'nonsense', false],
  ];
  test.each(cases)('%s', (_, policy, expected) => {
    expect(mayBeAssumedByVmImport(policy)).toBe(expected);
  });
});
