import { join } from 'node:path';
import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { deleteStack } from './deployment';
import type { LocalCloud } from '../local-cloud/local-cloud';

const EXAMPLES = join(__dirname, '..', '..', 'examples');

/** An example of examples/, deployed as its README says: by the CDK CLI, in its folder, with what is yours as context. */
export class ExampleApp {
  public readonly stackName: string;

  public constructor(private readonly cloud: LocalCloud, public readonly name: string) {
    this.stackName = name.split('-').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`).join('');
  }

  /** Deploys it, and gives the outputs of its stack. */
  public async deploy(context: Readonly<Record<string, string>> = {}): Promise<Readonly<Record<string, string>>> {
    await this.run(['deploy', '--require-approval', 'never'], context);
    const { Stacks = [] } = await this.cloud.cloudformation.send(new DescribeStacksCommand({ StackName: this.stackName }));
    return Object.fromEntries((Stacks[0]?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]));
  }

  /** `cdk destroy`. */
  public async destroy(context: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.run(['destroy', '--force'], context);
  }

  /** Deletes its stack without the CDK CLI. */
  public async delete(): Promise<void> {
    await deleteStack(this.cloud, this.stackName);
  }

  private async run(command: readonly string[], context: Readonly<Record<string, string>>): Promise<void> {
    const values = Object.entries(context).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    const result = await this.cloud.cdk([...command, ...values], join(EXAMPLES, this.name));
    if (result.code !== 0) {
      throw new Error(`cdk ${command[0]} in examples/${this.name} ended with ${result.code}.\n${result.output}`);
    }
  }
}
