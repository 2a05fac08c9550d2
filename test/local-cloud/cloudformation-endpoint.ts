import { createServer, Server } from 'node:http';
import type { CloudFormationDriver } from './cloudformation-driver';

/**
 * The one call that a custom resource's functions make to CloudFormation themselves, over HTTP: DescribeStackResource.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackResource.html
 */
export class CloudFormationEndpoint {
  private readonly server: Server;
  private driver?: CloudFormationDriver;

  constructor() {
    this.server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { status, body } = this.answer(new URLSearchParams(Buffer.concat(chunks).toString()));
        response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
      });
    });
  }

  /** Whose stacks it describes from now on. */
  public describe(driver: CloudFormationDriver): void {
    this.driver = driver;
  }

  /** Opens a free port on 127.0.0.1; returns the endpoint URL. */
  public async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => this.server.once('error', reject).listen(0, '127.0.0.1', resolve));
    const address = this.server.address();
    if (address === null || typeof address === 'string') {
      throw new Error('The server has no port.');
    }
    return `http://127.0.0.1:${address.port}`;
  }

  public async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }

  private answer(parameters: URLSearchParams): { readonly status: number; readonly body: string } {
    const [action, stack, logicalId] = ['Action', 'StackName', 'LogicalResourceId'].map((name) => parameters.get(name) ?? '');
    if (action !== 'DescribeStackResource') {
      return error('InvalidAction', `Could not find operation ${action}`);
    }
    const event = this.driver?.lastEvent(stack ?? '', logicalId ?? '');
    if (!event) {
      return error('ValidationError', `Resource ${logicalId} does not exist for stack ${stack}`);
    }
    return {
      status: 200,
      body: '<DescribeStackResourceResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStackResourceResult><StackResourceDetail>'
        + `<LogicalResourceId>${event.logicalId}</LogicalResourceId><PhysicalResourceId>${event.physicalId}</PhysicalResourceId>`
        + `<ResourceStatus>${event.status}</ResourceStatus><LastUpdatedTimestamp>${new Date(event.time).toISOString()}</LastUpdatedTimestamp>`
        + '</StackResourceDetail></DescribeStackResourceResult></DescribeStackResourceResponse>',
    };
  }
}

function error(code: string, message: string): { readonly status: number; readonly body: string } {
  return { status: 400, body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>` };
}
