import { AnExample, ofTheImport } from './an-example';

const example = new AnExample('adopt-task', { context: { task: 'import-ami-00112233445566778' } });

test('the image is made of the task, and nothing is imported', () => {
  expect(example.imports).toMatchObject([{ ImportTaskId: 'import-ami-00112233445566778', ImportVmImage: { name: 'adopted', platform: 'Linux' } }]);
  expect(example.imports[0]).not.toHaveProperty('ImportImage');
  expect(example.template.toJSON().Outputs.ImageArn).toEqual({ Value: ofTheImport('Adopted', 'ImageArn') });
});

test('there is no service role, as there is nothing to read', () => {
  expect(JSON.stringify(example.template.toJSON())).not.toContain('vmie.amazonaws.com');
});
