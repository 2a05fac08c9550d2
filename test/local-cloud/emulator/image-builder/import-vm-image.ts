import { Platform } from '@aws-sdk/client-imagebuilder';
import type { ImportVmImageRequest, ImportVmImageResponse } from '@aws-sdk/client-imagebuilder';
import { AwsError } from '../aws-error';
import { Call, isVisible } from '../call';
import { canonical, recall } from '../client-token';
import { arnName, arnOf } from './arn';
import { checkClientToken, checkLength, checkOneOf, checkPattern, checkTags, checkVersion } from './check';
import type { ImportTask } from '../ec2/task';

/**
 * Answers as soon as the image stands in PENDING; the image then follows the EC2 task.
 *
 * @see https://docs.aws.amazon.com/imagebuilder/latest/APIReference/API_ImportVmImage.html
 */
export function importVmImage(request: ImportVmImageRequest, call: Call): ImportVmImageResponse {
  const { world, now } = call;
  const { clientToken, ...parameters } = request;
  checkRequest(request);
  checkClientToken(clientToken);
  const recollection = recall(world.importVmImageTokens, clientToken, canonical(parameters));
  switch (recollection.kind) {
    case 'same':
      call.touched.add(recollection.answer.imageArn ?? '');
      return { ...recollection.answer, requestId: world.newRequestId() };
    case 'mismatch':
      throw new AwsError('IdempotentParameterMismatchException', 'The client token was used before with other parameter values');
    case 'new':
  }
  const task = world.tasks.get(request.vmImportTaskId ?? '');
  if (!task || !isVisible(call, 'get', task) || isTooNew(task, call)) {
    const code = world.answer('unknownTask');
    throw new AwsError(code, `The VM import task '${request.vmImportTaskId}' does not exist`, code === 'ClientException' ? 400 : 404);
  }
  const path = `${arnName(request.name ?? '')}/${request.semanticVersion}`;
  const build = (world.builds.get(path) ?? 0) + 1;
  world.builds.set(path, build);
  const imageArn = arnOf(world.settings, 'image', `${path}/${build}`);
  world.addImage({
    kind: 'image',
    id: imageArn,
    serial: world.newSerial(),
    createdAt: now,
    tags: new Map(Object.entries(request.tags ?? {})),
    request,
    version: `${request.semanticVersion}/${build}`,
  });
  call.touched.add(imageArn);
  const answer = { requestId: world.newRequestId(), imageArn, clientToken };
  world.importVmImageTokens.set(clientToken, { at: call.now, parameters: canonical(parameters), answer });
  return answer;
}

/** Whether Image Builder does not know yet that the task completed. */
function isTooNew({ end }: ImportTask, { world, now }: Call): boolean {
  return world.answer('taskVisibility') === 'aMinuteLater' && end !== undefined && now < end.at + 60_000;
}

function checkRequest(request: ImportVmImageRequest): void {
  checkLength('name', request.name, 1, 1024);
  // The reference gives lengths only; but every ARN pattern of the API has just these characters for a name.
  checkPattern('name', request.name, /^[-_A-Za-z0-9 ]+$/);
  checkVersion('semanticVersion', request.semanticVersion);
  checkLength('description', request.description, 1, 1024);
  checkOneOf('platform', request.platform, Object.values(Platform));
  checkLength('osVersion', request.osVersion, 1, 1024);
  checkPattern('vmImportTaskId', request.vmImportTaskId, /^import-ami-[0-9a-f]{8,17}$/);
  checkPattern('loggingConfiguration.logGroupName', request.loggingConfiguration?.logGroupName, /^[-_/.A-Za-z0-9]{1,512}$/);
  if (request.tags) {
    checkTags(request.tags);
  }
}
