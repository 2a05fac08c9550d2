/** An error as AWS answers it; each service's protocol writes it in its own way. */
export class AwsError extends Error {
  constructor(readonly code: string, message: string, readonly status: number = 400) {
    super(message);
    this.name = code;
  }
}
