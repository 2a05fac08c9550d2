import { inspect } from './look';
import { formatOfName } from '../../../src/shared/disk-image/import-format';
import { DISK_CASES } from '../../disk-images/cases';

// test/src/disk-cases.test.ts asks the command, synthesis and deployment.
test.each(DISK_CASES)('$name has the findings it deserves', ({ fileName, content, format, errors = [], warnings = [], infos = [] }) => {
  const { findings } = inspect(content, { fileName, format: format ?? formatOfName(fileName) });
  expect(findings.map(({ code }) => code)).toEqual([...errors, ...warnings, ...infos]);
});
