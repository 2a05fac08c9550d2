/**
 * Makes synthesis in tests quick. By default the CDK checks every template by rules of its own, records a stack trace for every
 * construct, and copies every asset into the cloud assembly. Together they take most of the time of a synthesis.
 * test/security/lint.test.ts runs those rules, and the deploys upload copied assets.
 */
process.env.CDK_VALIDATION ??= 'false';
process.env.CDK_DISABLE_STACK_TRACE ??= '1';
process.env.CDK_CONTEXT_JSON ??= JSON.stringify({
  'aws:cdk:disable-creation-stack-traces': true,
  'aws:cdk:disable-asset-staging': true,
});
