/**
 * Makes synthesis in tests quick. The CDK checks every template that it makes with rules of its own, and records a stack trace
 * for every construct; together they take most of the time of a synthesis. test/security/lint.test.ts runs those rules.
 */
process.env.CDK_VALIDATION ??= 'false';
process.env.CDK_DISABLE_STACK_TRACE ??= '1';
