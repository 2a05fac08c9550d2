import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { control, CONTROL_PREFIX } from './control';
import type { Ec2AndImageBuilder } from './emulator';
import { WireOutcome, WireRequest } from './wire';

/** The HTTP door. */
export async function listen(emulator: Ec2AndImageBuilder, port: number): Promise<{ server: Server; url: string }> {
  const server = createServer((message, response) => {
    serve(emulator, message).then(
      (outcome) => answer(outcome, response),
      (error: unknown) => {
        if (!message.complete) {
          // The client went away before it had asked for anything.
          return;
        }
        // A fault of the emulator itself: loud, and never mistaken for one of AWS's answers.
        console.error(error);
        response.writeHead(555, { 'content-type': 'text/plain' }).end(String(error));
      },
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw new Error('The server has no port');
  }
  return { server, url: `http://127.0.0.1:${address.port}` };
}

export async function closeServer(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

async function serve(emulator: Ec2AndImageBuilder, message: IncomingMessage): Promise<WireOutcome> {
  const url = new URL(message.url ?? '/', 'http://127.0.0.1');
  const chunks: Buffer[] = [];
  for await (const chunk of message) {
    chunks.push(chunk as Buffer);
  }
  const headers = message.headers as Readonly<Record<string, string | undefined>>;
  const request: WireRequest = {
    method: message.method ?? 'GET', path: url.pathname, query: url.searchParams, headers, body: chunks,
  };
  return url.pathname.startsWith(CONTROL_PREFIX)
    ? { kind: 'answered', response: await control(emulator, request) }
    : emulator.handle(request);
}

function answer(outcome: WireOutcome, response: ServerResponse): void {
  switch (outcome.kind) {
    case 'dropped':
      response.socket?.destroy();
      return;
    case 'answered':
      response.writeHead(outcome.response.status, outcome.response.headers).end(outcome.response.body);
  }
}
