import { readSection, withSection } from '../../bench/results-file';

const FILE = '# Results\n\nFigures.\n\n<!-- peers -->\n\nold\n\n<!-- /peers -->\n\nThe end.\n';

describe('the file of results', () => {
  test('has a section replaced and everything around it left as it is', () => {
    expect(withSection(FILE, 'peers', '\nnew\n')).toBe(FILE.replace('old', 'new'));
  });

  test('gets a section that it did not have at its end', () => {
    expect(withSection('# Results\n', 'peers', 'new')).toBe('# Results\n\n<!-- peers -->\n\nnew\n\n<!-- /peers -->\n');
  });

  test('may be empty before', () => {
    expect(withSection('', 'peers', 'new')).toBe('<!-- peers -->\n\nnew\n\n<!-- /peers -->\n');
  });

  test('gives back what was written', () => {
    expect(readSection(withSection(FILE, 'peers', '| a |\n| - |'), 'peers')).toBe('| a |\n| - |');
    expect(readSection(FILE, 'peers')).toBe('old');
  });

  test('writes content with dollar signs as it is', () => {
    expect(readSection(withSection(FILE, 'peers', '$& costs $1'), 'peers')).toBe('$& costs $1');
  });

  test('knows that a section is not there', () => {
    expect(readSection(FILE, 'others')).toBeUndefined();
  });

  test.each([
    ['its end', '<!-- peers --> text'],
    ['its start', 'text <!-- /peers -->'],
    ['its order', '<!-- /peers --> text <!-- peers -->'],
  ])('is refused when a section lost %s', (_, file) => {
    expect(() => withSection(file, 'peers', 'new')).toThrow('The section "peers" has one of its two markers only');
    expect(() => readSection(file, 'peers')).toThrow('<!-- peers --> and <!-- /peers -->');
  });
});
