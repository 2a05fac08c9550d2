/**
 * The wire types between CloudFormation, the provider framework of aws-cdk-lib and the two handlers.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
 */

/** A property as CloudFormation delivers it: every number and boolean has become a string. */
export type PropertyValue = string | readonly PropertyValue[] | Properties | undefined;

export interface Properties {
  readonly [name: string]: PropertyValue;
}

interface RequestBase {
  readonly RequestId: string;
  /** Where CloudFormation expects the answer: a presigned URL of Amazon S3. The provider framework answers. */
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly LogicalResourceId: string;
  readonly ResourceType: string;
  readonly ResourceProperties: Properties;
}

export interface CreateRequest extends RequestBase {
  readonly RequestType: 'Create';
}

export interface UpdateRequest extends RequestBase {
  readonly RequestType: 'Update';
  readonly PhysicalResourceId: string;
  readonly OldResourceProperties: Properties;
}

export interface DeleteRequest extends RequestBase {
  readonly RequestType: 'Delete';
  readonly PhysicalResourceId: string;
}

/** The request that `onEvent` receives. */
export type CloudFormationRequest = CreateRequest | UpdateRequest | DeleteRequest;

/** The answer of `onEvent`. The framework merges it into the event of every `isComplete` call. */
export interface OnEventResponse {
  readonly PhysicalResourceId: string;
  readonly Data: {
    readonly StartedAt: string;
    /** The update rolls back one that CloudFormation gave up on before it learned the name of its import. */
    readonly RollsBack?: 'true';
    /** A later segment found nothing of its import: the import is still queued. */
    readonly ExistsBefore?: 'nothing';
  };
}

/** The event of every `isComplete` call: the request together with the answer of `onEvent`. */
export type IsCompleteRequest = CloudFormationRequest & OnEventResponse;

/** The answer of `isComplete`. The framework refuses `Data` while `IsComplete` is false. */
export type IsCompleteResponse =
  | { readonly IsComplete: false }
  | { readonly IsComplete: true; readonly Data: Readonly<Record<string, string>> };

/** The part of the Lambda context that the handlers use. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

/** When a pass runs. */
export interface PassTime {
  /** Seconds since the request. */
  readonly elapsed: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}
