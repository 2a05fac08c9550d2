import {
  CancelImageCreation$, CreateImageRecipe$, DeleteImage$, DeleteImageRecipe$, GetImage$, GetImageRecipe$, ImportVmImage$,
  ListImageBuildVersions$, ListImages$, ListTagsForResource$, TagResource$, UntagResource$,
} from '@aws-sdk/client-imagebuilder';
import { Call } from '../call';
import { Operation, operationOf } from '../schema';
import { cancelImageCreation, deleteImage, getImage, listImageBuildVersions, listImages } from './images';
import { importVmImage } from './import-vm-image';
import { createImageRecipe, deleteImageRecipe, getImageRecipe } from './recipes';
import { listTagsForResource, tagResource, untagResource } from './tags';

export interface ImageBuilderAction {
  readonly operation: Operation;
  run(request: Record<string, unknown>, call: Call): object;
}

/** Every action the emulator has; another one is a line here and its handler. */
export const IMAGE_BUILDER_ACTIONS: readonly ImageBuilderAction[] = [
  action(CancelImageCreation$, cancelImageCreation),
  action(CreateImageRecipe$, createImageRecipe),
  action(DeleteImage$, deleteImage),
  action(DeleteImageRecipe$, deleteImageRecipe),
  action(GetImage$, getImage),
  action(GetImageRecipe$, getImageRecipe),
  action(ImportVmImage$, importVmImage),
  action(ListImageBuildVersions$, listImageBuildVersions),
  action(ListImages$, listImages),
  action(ListTagsForResource$, listTagsForResource),
  action(TagResource$, tagResource),
  action(UntagResource$, untagResource),
];

/** Returns the action of a REST request, and the value of its path's label by the label's name. */
export function route(
  method: string, path: string,
): { readonly action: ImageBuilderAction; readonly labels: Readonly<Record<string, string>> } | undefined {
  for (const candidate of IMAGE_BUILDER_ACTIONS) {
    const { http } = candidate.operation;
    if (http?.method !== method) {
      continue;
    }
    // An ARN in the path may hold slashes that the client left as they are, so a label takes the rest of the path.
    const [, prefix = http.path, label] = /^([^{]*)\{(.*)\}$/.exec(http.path) ?? [];
    if (label === undefined ? path === prefix : path.startsWith(prefix)) {
      return { action: candidate, labels: label === undefined ? {} : { [label]: decodeURIComponent(path.slice(prefix.length)) } };
    }
  }
  return undefined;
}

function action<Request, Result extends object>(
  schema: readonly unknown[], handler: (request: Request, call: Call) => Result,
): ImageBuilderAction {
  return {
    operation: operationOf(schema),
    // The request was decoded by the very schema that the SDK's request type is generated from.
    run: (request, call) => handler(request as Request, call),
  };
}
