/**
 * Options of an SSM parameter with the id of an AMI.
 */
export interface AmiParameterOptions {
  /**
   * What the parameter is for, in at most 1,024 characters.
   *
   * @default - no description
   */
  readonly description?: string;

  /**
   * The name of the parameter, such as `/images/golden`. With a `/` in it, it begins with one.
   *
   * @default - a name that CloudFormation generates
   */
  readonly parameterName?: string;
}
