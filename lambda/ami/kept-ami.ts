import type { AmiRequest } from './request';
import type { StackLocation } from '../cloudformation/stack-location';

/** One AMI resource as every pass sees it: its id, what is asked for, and where. */
export interface AmiResource {
  readonly id: string;
  readonly request: AmiRequest;
  readonly location: StackLocation;
}
