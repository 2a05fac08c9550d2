import { tasksByImportId } from '../../../lambda/aws/tasks';

type Asked = Parameters<typeof tasksByImportId>[0];
const ID = 'vm-import-1';
const tasks = { ImportImageTasks: [ID, 'vm-import-2'].map((Value, index) => ({ ImportTaskId: `import-ami-${index}`, Tags: [{ Key: 'cdk-vm-import:id', Value }] })) };

/** An EC2 that refuses calls with a filter, or without one. */
function refusing(when: 'with a filter' | 'without one', name: string) {
  const asked: boolean[] = [];
  const send = async ({ input: { Filters } }: { readonly input: { readonly Filters?: unknown } }) => {
    asked.push(Filters !== undefined);
    if ((Filters !== undefined) === (when === 'with a filter')) {
      throw Object.assign(new Error(name), { name });
    }
    return tasks;
  };
  return { aws: { ec2: { send }, signal: new AbortController().signal } as unknown as Asked, asked };
}

describe('the tasks of an import', () => {
  test.each(['InvalidParameterValue', 'InvalidFilter'])('are searched among all if EC2 refuses the filter with %s, from then on without asking again', async (name) => {
    const { aws, asked } = refusing('with a filter', name);
    expect((await tasksByImportId(aws, ID, () => true)).map(({ id }) => id)).toEqual(['import-ami-0']);
    expect((await tasksByImportId(aws, ID, () => true)).map(({ id }) => id)).toEqual(['import-ami-0']);
    expect(asked).toEqual([true, false, false]);
  });

  test('are not searched again after another error', async () => {
    const { aws, asked } = refusing('with a filter', 'RequestLimitExceeded');
    await expect(tasksByImportId(aws, ID, () => true)).rejects.toThrow('RequestLimitExceeded');
    expect(asked).toEqual([true]);
  });

  test('are not searched again if EC2 refuses to list all', async () => {
    const { aws, asked } = refusing('without one', 'InvalidParameterValue');
    await expect(tasksByImportId(aws, 'vm-import-*', () => true)).rejects.toThrow('InvalidParameterValue');
    expect(asked).toEqual([false]);
  });
});
