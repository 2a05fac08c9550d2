import type { StackLocation } from '../stack-location';
import type { AmiRequest } from './request';

/** One AMI resource as every pass sees it: its id, what is asked for, and where. */
export interface AmiResource {
  readonly id: string;
  readonly request: AmiRequest;
  readonly location: StackLocation;
}
