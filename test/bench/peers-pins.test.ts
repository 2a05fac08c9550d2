import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PINS = join(__dirname, '..', '..', 'bench', 'peers', 'pins');
const read = (...path: readonly string[]) => readFileSync(join(PINS, ...path), 'utf8');

describe('the rivals', () => {
  test('of Python are pinned to one version each, with all that they install', () => {
    const lines = read('requirements.txt').split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines.filter((line) => !/^[\w.-]+==[\w.]+$/.test(line))).toEqual([]);
    expect(lines.map((line) => line.split('==')[0])).toEqual(expect.arrayContaining(['ansible', 'ansible-core', 'awscli', 'boto3', 'botocore']));
  });

  test.each([['packer'], ['packer-plugin-amazon']])('of Go are pinned with their checksums: %s', (name) => {
    const version = new RegExp(`github\\.com/hashicorp/${name} (v[\\d.]+)`).exec(read(name, 'go.mod'))?.[1];
    expect(version).toBeDefined();
    expect(read(name, 'go.sum')).toContain(`github.com/hashicorp/${name} ${version} h1:`);
  });
});
