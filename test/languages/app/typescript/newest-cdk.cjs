/** Loaded before an app in TypeScript: every aws-cdk-lib is the newest one, as jest maps it for the project cdk-newest. */
const Module = require('node:module');

const NEWEST = [
  [/^aws-cdk-lib(?=$|\/)/, 'aws-cdk-lib-newest'],
  [/^@aws-cdk\/cloud-assembly-schema(?=$|\/)/, 'cloud-assembly-schema-newest'],
];
const resolve = Module._resolveFilename;
Module._resolveFilename = function (request, ...more) {
  return resolve.call(this, NEWEST.reduce((name, [old, newest]) => name.replace(old, newest), request), ...more);
};
