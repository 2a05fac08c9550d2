import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withUnknownsTable } from './unknowns-table';

const PAGE = join(__dirname, '..', '..', '..', 'docs', 'loopback-aws.md');

describe('docs/loopback-aws.md', () => {
  test('has the unknowns as the list has them: `npm run docs:loopback` writes them', () => {
    const page = readFileSync(PAGE, 'utf8');
    expect(page).toBe(withUnknownsTable(page));
    expect(page).toContain('| What does EC2 answer about an AMI that was deregistered? | `InvalidAMIID.Unavailable` ([errors-overview](');
  });

  test('is refused without a place for the table', () => {
    expect(() => withUnknownsTable('# A page')).toThrow('The page has no place');
  });
});
