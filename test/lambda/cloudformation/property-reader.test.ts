import { PropertyReader } from '../../../lambda/cloudformation/property-reader';

test('a map that is no object is a failure that names the property', () => {
  const reader = new PropertyReader<{ readonly Tags: Readonly<Record<string, string>> }>('ResourceProperties', { Tags: 'team' });
  expect(() => reader.map('Tags')).toThrow('The property ResourceProperties.Tags must be an object. Use the VmImportImage construct, which writes it.');
});
