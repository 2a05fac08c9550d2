/** Who reads has read enough (`cdk-vm-import status --watch | head -1`): that is no error, and nobody is there to be told. */
export function endOfPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') {
    process.exit(0);
  }
  throw error;
}
