import { dependenciesOf, dependencyOrder, TemplateResources } from './cloudformation-template';

/**
 * Works on each resource as soon as those it depends on are done, several at once. The first failure cancels the
 * others: CloudFormation does not wait for their answers. True when one failed.
 */
export async function inOrder(
  template: TemplateResources, work: (logicalId: string, cancelled: AbortSignal) => Promise<boolean>,
): Promise<boolean> {
  const failure = new AbortController();
  const started = new Map<string, Promise<boolean>>();
  const start = async (logicalId: string, dependencies: readonly (Promise<boolean> | undefined)[]) => {
    const ready = (await Promise.all(dependencies)).every((done) => done !== false);
    if (!ready || failure.signal.aborted) {
      return false;
    }
    const success = await work(logicalId, failure.signal);
    if (!success) {
      failure.abort();
    }
    return success;
  };
  for (const logicalId of dependencyOrder(template)) {
    started.set(logicalId, start(logicalId, dependenciesOf(logicalId, template).map((name) => started.get(name))));
  }
  return (await Promise.all(started.values())).includes(false);
}
