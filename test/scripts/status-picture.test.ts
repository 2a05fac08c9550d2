import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { statusPicture } from '../../scripts/status-picture';

test('the picture in the README shows what status --watch prints today (npx tsx scripts/status-picture.ts draws it anew)', () => {
  expect(readFileSync(join(__dirname, '..', '..', 'docs', 'images', 'status.svg'), 'utf8')).toBe(statusPicture());
});
