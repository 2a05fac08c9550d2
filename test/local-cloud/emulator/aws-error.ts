/** An error as AWS answers it; each service's protocol writes it in its own way. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number = 400,
    /** The machine-readable reason that EBS adds to some of its errors, e.g. `SNAPSHOT_NOT_FOUND`. */
    readonly reason?: string,
  ) {
    super(message);
    this.name = code;
  }
}
