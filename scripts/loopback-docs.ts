/** Writes the table of docs/loopback-aws.md from the list of unknowns: `npm run docs:loopback`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withUnknownsTable } from '../test/local-cloud/emulator/unknowns-table';

const PAGE = join(__dirname, '..', 'docs', 'loopback-aws.md');

writeFileSync(PAGE, withUnknownsTable(readFileSync(PAGE, 'utf8')));
