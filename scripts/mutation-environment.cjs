/**
 * The environment of the tests while mutants are switched on and off (see mutation-worker.ts): `globalThis.mutation` of the process says
 * which mutant is active, and collects the mutants that a test file reaches. With a mutant, the first failure is enough.
 */
const Environment = require('../test/plain-context.cjs');

module.exports = class extends Environment {
  constructor(config, context) {
    super(config, context);
    const { active, reached } = globalThis.mutation;
    this.global.isActiveMutant = active === undefined
      ? (id) => {
        reached.add(id);
        return false;
      }
      : (id) => id === active;
  }

  handleTestEvent({ name, test }) {
    if (name === 'test_done' && test.errors.length > 0) {
      this.hasFailed = true;
    } else if (name === 'test_start' && this.hasFailed && globalThis.mutation.active !== undefined) {
      test.mode = 'skip';
    }
  }
};
