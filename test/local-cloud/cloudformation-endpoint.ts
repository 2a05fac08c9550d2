import { createServer, Server } from 'node:http';
import type { CloudFormationDriver } from './cloudformation-driver';
import { errorXml, stackEventsXml, stackResourceXml, type XmlAnswer } from './cloudformation-xml';

type Described = Pick<CloudFormationDriver, 'lastEvent' | 'eventsOf'>;

/** The calls that a custom resource's functions make to CloudFormation themselves, over HTTP. */
export class CloudFormationEndpoint {
  private readonly server: Server;
  private driver?: Described;

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
  public describe(driver: Described): void {
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

  private answer(parameters: URLSearchParams): XmlAnswer {
    const [action, stack, logicalId] = ['Action', 'StackName', 'LogicalResourceId'].map((name) => parameters.get(name) ?? '');
    switch (action) {
      case 'DescribeStackResource': {
        const event = this.driver?.lastEvent(stack ?? '', logicalId ?? '');
        return event ? stackResourceXml(event) : errorXml(400, 'ValidationError', `Resource ${logicalId} does not exist for stack ${stack}`);
      }
      case 'DescribeStackEvents': {
        const events = this.driver?.eventsOf(stack ?? '');
        return events ? stackEventsXml(stack ?? '', events, parameters.get('NextToken')) : errorXml(400, 'ValidationError', `Stack [${stack}] does not exist`);
      }
      default:
        return errorXml(400, 'InvalidAction', `Could not find operation ${action}`);
    }
  }
}
