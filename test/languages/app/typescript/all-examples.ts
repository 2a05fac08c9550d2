import { createRequire } from 'node:module';

/** Runs the apps that it is given in one process; each writes its templates when the process ends. */
const run = createRequire(__filename);
process.argv.slice(2).forEach((app) => run(app));
