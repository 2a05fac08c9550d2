import { DescribeImportImageTasksCommand, ImportImageCommand } from '@aws-sdk/client-ec2';
import { accountWithDisk, DISK } from './sdk-clients';
import { Settings } from './settings';

/** An account with one disk, and short ways to start and look at imports of it. */
export function accountWithTasks(settings: Partial<Settings> = {}) {
  const account = accountWithDisk(settings);
  const { ec2 } = account;
  return {
    ...account,
    start: async (tags: Readonly<Record<string, string>> = {}) => {
      const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      const { ImportTaskId } = await ec2.send(new ImportImageCommand({
        DiskContainers: [DISK], TagSpecifications: [{ ResourceType: 'import-image-task', Tags }],
      }));
      return ImportTaskId ?? '';
    },
    list: async () => (await ec2.send(new DescribeImportImageTasksCommand({}))).ImportImageTasks ?? [],
    describe: async (id: string) => (await ec2.send(new DescribeImportImageTasksCommand({ ImportTaskIds: [id] }))).ImportImageTasks?.[0],
  };
}

/** Makes so many calls, one after the other; what became of each is `ok` or its error's name. */
export async function outcomesOf(calls: number, call: () => Promise<unknown>): Promise<string> {
  const seen: string[] = [];
  for (let count = 0; count < calls; count++) {
    seen.push(await call().then(() => 'ok', (error: Error) => error.name));
  }
  return seen.join(' ');
}
