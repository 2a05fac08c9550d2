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

/** The action of a REST request, and what stands in its path's label. */
export function route(method: string, path: string): { readonly action: ImageBuilderAction; readonly label: string | undefined } | undefined {
  for (const candidate of IMAGE_BUILDER_ACTIONS) {
    const { http } = candidate.operation;
    if (http?.method !== method) {
      continue;
    }
    const prefix = http.path.replace(/\{.*$/, '');
    if (prefix === http.path ? path === prefix : path.startsWith(prefix)) {
      return { action: candidate, label: prefix === http.path ? undefined : decodeURIComponent(path.slice(prefix.length)) };
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
