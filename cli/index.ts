import { main } from './main';
import { endOfPipe } from './terminal';

// The SDK is part of the bundle, so a Node.js version that its next release drops is no concern of the user.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

process.stdout.on('error', endOfPipe);

void main(process.argv.slice(2), process).then((status) => {
  process.exitCode = status;
});
