import { AwsError } from './aws-error';
import { Call } from './call';
import { EC2_ACTIONS } from './ec2/actions';
import { decodeQuery } from './ec2/query';
import { xmlAnswer, xmlError } from './ec2/xml';
import { Service } from './fault';
import { route } from './image-builder/actions';
import { decodeRest, jsonAnswer, jsonError } from './image-builder/rest';
import { WireRequest, WireResponse } from './wire';

/** A request, understood: which action with which parameters, and how to answer it in its own protocol. */
export interface WireCall {
  readonly service: Service;
  readonly action: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  run(call: Call, requestId: string): Promise<WireResponse>;
  refuse(error: AwsError, requestId: string): WireResponse;
}

/** EC2's query API lives at the root path; Image Builder's operations each have a path of their own. */
export function readCall(request: WireRequest): WireCall {
  return request.path === '/' ? readEc2(request) : readImageBuilder(request);
}

function readEc2(request: WireRequest): WireCall {
  const form = new URLSearchParams(request.body);
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

function readImageBuilder(request: WireRequest): WireCall {
  const found = route(request.method, request.path);
  if (!found) {
    const error = new AwsError('UnknownOperationException', `There is no ${request.method} ${request.path}`, 404);
    return refused('imagebuilder', `${request.method} ${request.path}`, {}, error);
  }
  const { action, label } = found;
  const { name } = action.operation;
  try {
    const parameters = decodeRest(request, label, action.operation.input);
    return {
      service: 'imagebuilder',
      action: name,
      parameters,
      run: async (call, requestId) => jsonAnswer(action.operation, action.run(parameters, call), requestId),
      refuse: jsonError,
    };
  } catch (error) {
    return refused('imagebuilder', name, { body: request.body }, asAwsError(error));
  }
}

/** A request that is wrong before any action sees it; faults still apply to it. */
function refused(service: Service, action: string, parameters: Record<string, unknown>, error: AwsError): WireCall {
  return {
    service,
    action,
    parameters,
    run: async () => Promise.reject(error),
    refuse: service === 'ec2' ? xmlError : jsonError,
  };
}

function asAwsError(error: unknown): AwsError {
  if (error instanceof AwsError) {
    return error;
  }
  throw error;
}
