import { AwsError } from './aws-error';
import { Call } from './call';
import { ebsRoute, isEbsPath } from './ebs/actions';
import { invalid as invalidEbs } from './ebs/errors';
import { EC2_ACTIONS } from './ec2/actions';
import { decodeQuery } from './ec2/query';
import { xmlAnswer, xmlError } from './ec2/xml';
import { Service } from './fault';
import { route } from './image-builder/actions';
import { invalid } from './image-builder/check';
import { decodeRest, restAnswer, restError } from './rest';
import { textOf, WireRequest, WireResponse } from './wire';

/** A request, understood: which action with which parameters, and how to answer it in its own protocol. */
export interface WireCall {
  readonly service: Service;
  readonly action: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  run(call: Call, requestId: string): Promise<WireResponse>;
  refuse(error: AwsError, requestId: string): WireResponse;
}

/** EC2's query API lives at the root path, the EBS direct APIs under /snapshots; Image Builder's operations each have a path of their own. */
export function readCall(request: WireRequest): WireCall {
  if (request.path === '/') {
    return readEc2(request);
  }
  return isEbsPath(request.path) ? readEbs(request) : readImageBuilder(request);
}

function readEc2(request: WireRequest): WireCall {
  const form = new URLSearchParams(textOf(request.body));
  request.query.forEach((value, key) => form.append(key, value));
  const name = form.get('Action') ?? '';
  const action = EC2_ACTIONS.get(name);
  if (!action || form.get('Version') !== '2016-11-15') {
    return refused('ec2', name, Object.fromEntries(form), new AwsError('InvalidAction', `The action ${name} is not valid for this web service.`));
  }
  try {
    const parameters = decodeQuery(form, action.operation.input);
    return {
      service: 'ec2',
      action: name,
      parameters,
      run: async (call, requestId) => xmlAnswer(action.operation, await action.run(parameters, call), requestId),
      refuse: xmlError,
    };
  } catch (error) {
    return refused('ec2', name, Object.fromEntries(form), asAwsError(error));
  }
}

function readEbs(request: WireRequest): WireCall {
  const found = ebsRoute(request.method, request.path);
  if (!found) {
    return refused('ebs', `${request.method} ${request.path}`, {}, unknownOperation(request));
  }
  const { action, labels } = found;
  const { name } = action.operation;
  try {
    const parameters = decodeRest(request, labels, action.operation.input, (_, why) => invalidEbs('INVALID_PARAMETER_VALUE', why));
    return {
      service: 'ebs',
      action: name,
      parameters,
      run: async (call, requestId) => {
        const { answer, data } = await action.run(parameters, call, typeof request.body === 'string' ? [Buffer.from(request.body)] : request.body);
        return restAnswer(action.operation, answer, requestId, data);
      },
      refuse: refuseEbs,
    };
  } catch (error) {
    return refused('ebs', name, labels, asAwsError(error));
  }
}

function readImageBuilder(request: WireRequest): WireCall {
  const found = route(request.method, request.path);
  if (!found) {
    return refused('imagebuilder', `${request.method} ${request.path}`, {}, unknownOperation(request));
  }
  const { action, labels } = found;
  const { name } = action.operation;
  try {
    const parameters = decodeRest(request, labels, action.operation.input, invalid);
    return {
      service: 'imagebuilder',
      action: name,
      parameters,
      run: async (call, requestId) => restAnswer(action.operation, action.run(parameters, call), requestId),
      refuse: refuseImageBuilder,
    };
  } catch (error) {
    return refused('imagebuilder', name, { body: textOf(request.body) }, asAwsError(error));
  }
}

const REFUSE: Readonly<Record<Service, WireCall['refuse']>> = { ec2: xmlError, ebs: refuseEbs, imagebuilder: refuseImageBuilder };

function refuseEbs(error: AwsError, requestId: string): WireResponse {
  return restError(error, requestId, 'Message');
}

function refuseImageBuilder(error: AwsError, requestId: string): WireResponse {
  return restError(error, requestId, 'message');
}

/** A request that is wrong before any action sees it; faults still apply to it. */
function refused(service: Service, action: string, parameters: Record<string, unknown>, error: AwsError): WireCall {
  return {
    service,
    action,
    parameters,
    run: async () => Promise.reject(error),
    refuse: REFUSE[service],
  };
}

function unknownOperation({ method, path }: WireRequest): AwsError {
  return new AwsError('UnknownOperationException', `There is no ${method} ${path}`, 404);
}

function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) {
    return error;
  }
  throw error;
}
