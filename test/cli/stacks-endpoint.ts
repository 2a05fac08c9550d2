import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { StackEvent } from '@aws-sdk/client-cloudformation';

export interface DescribedStack {
  readonly id: string;
  readonly name: string;
  status: string;
  deletedAt?: Date;
  /** Oldest first. */
  readonly events: Partial<StackEvent>[];
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

type Fault = { readonly status: number; readonly code: string; readonly message: string };

/**
 * CloudFormation's ListStacks and DescribeStackEvents on their wire protocol, two items a page.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_ListStacks.html
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStackEvents.html
 */
export class StacksEndpoint {
  readonly stacks: DescribedStack[] = [];
  readonly calls: string[] = [];
  /** What is answered instead, while it stands. */
  fault?: Fault;
  private server?: Server;

  async listen(): Promise<string> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { status, body } = this.answer(new URLSearchParams(Buffer.concat(chunks).toString()));
        response.writeHead(status, { 'content-type': 'text/xml' }).end(body);
      });
    });
    this.server = server;
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.server?.close(() => resolve());
      this.server?.closeAllConnections();
    });
  }

  private answer(parameters: URLSearchParams): Answer {
    const action = parameters.get('Action') ?? '';
    this.calls.push(action);
    if (this.fault) {
      return refusal(this.fault);
    }
    switch (action) {
      case 'ListStacks': {
        const statuses = [...parameters].flatMap(([key, value]) => (key.startsWith('StackStatusFilter.member.') ? [value] : []));
        return page(action, 'StackSummaries', this.stacks.filter(({ status }) => statuses.length === 0 || statuses.includes(status)).map(summary), parameters);
      }
      case 'DescribeStackEvents': {
        const asked = parameters.get('StackName');
        // A deleted stack answers to its id only.
        const stack = this.stacks.find(({ id, name, status }) => id === asked || (name === asked && status !== 'DELETE_COMPLETE'));
        return stack
          ? page(action, 'StackEvents', [...stack.events].reverse().map((event) => eventOf(stack, event)), parameters)
          : refusal({ status: 400, code: 'ValidationError', message: `Stack [${asked}] does not exist` });
      }
      default:
        return refusal({ status: 400, code: 'InvalidAction', message: `Could not find operation ${action}` });
    }
  }
}

const PAGE = 2;

function page(action: string, list: string, items: readonly string[], parameters: URLSearchParams): Answer {
  const start = Number(parameters.get('NextToken') ?? 0);
  const next = start + PAGE < items.length ? `<NextToken>${start + PAGE}</NextToken>` : '';
  const members = items.slice(start, start + PAGE).map((item) => `<member>${item}</member>`).join('');
  return { status: 200, body: `<${action}Response><${action}Result><${list}>${members}</${list}>${next}</${action}Result></${action}Response>` };
}

function summary({ id, name, status, deletedAt }: DescribedStack): string {
  return element({ StackId: id, StackName: name, StackStatus: status, CreationTime: '2026-01-01T00:00:00Z', DeletionTime: deletedAt?.toISOString() });
}

function eventOf({ id, name }: DescribedStack, { Timestamp, ...event }: Partial<StackEvent>): string {
  return element({ StackId: id, StackName: name, EventId: 'event', ...event, Timestamp: Timestamp?.toISOString() });
}

function element(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields).map(([name, value]) => (value === undefined ? '' : `<${name}>${escapeXml(String(value))}</${name}>`)).join('');
}

function escapeXml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;');
}

function refusal({ status, code, message }: Fault): Answer {
  return { status, body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>` };
}
