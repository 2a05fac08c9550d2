import { jsonCall, queryCall } from './aws-call';
import type { LocalCloud } from '../local-cloud/local-cloud';

/** What EventBridge tells of an import. */
export interface EventJson {
  readonly 'source': string;
  readonly 'detail-type': string;
  readonly 'detail': Readonly<Record<string, string>>;
}

/** A queue that is subscribed to an SNS topic, so that a test reads what the topic is told. */
export class Inbox {
  public static async of(cloud: LocalCloud, topicArn: string): Promise<Inbox> {
    const { QueueUrl } = await jsonCall(cloud, 'sqs', 'AmazonSQS.CreateQueue', { QueueName: 'inbox' }) as { readonly QueueUrl: string };
    const { Attributes } = await jsonCall(cloud, 'sqs', 'AmazonSQS.GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] }) as {
      readonly Attributes: { readonly QueueArn: string };
    };
    await queryCall(cloud, 'sns', { Action: 'Subscribe', Version: '2010-03-31', TopicArn: topicArn, Protocol: 'sqs', Endpoint: Attributes.QueueArn });
    return new Inbox(cloud, QueueUrl);
  }

  private constructor(private readonly cloud: LocalCloud, private readonly queueUrl: string) {}

  /** The events that came since the last look. */
  public async events(): Promise<readonly EventJson[]> {
    const { Messages = [] } = await jsonCall(this.cloud, 'sqs', 'AmazonSQS.ReceiveMessage', { QueueUrl: this.queueUrl, MaxNumberOfMessages: 10 }) as {
      readonly Messages?: readonly { readonly Body: string }[];
    };
    return Messages.map(({ Body }) => JSON.parse((JSON.parse(Body) as { readonly Message: string }).Message) as EventJson);
  }
}
