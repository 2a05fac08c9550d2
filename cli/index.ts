import { endOfPipe } from './end-of-pipe';
import { main } from './main';

// The SDK is part of the bundle: which Node.js its next versions want is not the user's concern.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

process.stdout.on('error', endOfPipe);

void main(process.argv.slice(2), process).then((status) => {
  process.exitCode = status;
});
