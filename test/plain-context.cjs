/**
 * The environment of Jest for Node.js, with globals that cost nothing to read. Jest makes the context of a test file over a proxy, so that
 * each use of `Object`, `Promise` or `JSON` in a test or in what it loads is a call; that took a sixth of the time of the tests. Here the
 * context has globals of its own. Node.js makes such a context since 20.18; before, the context is Jest's.
 */
const vm = require('node:vm');
const { TestEnvironment } = require('jest-environment-node');

const { DONT_CONTEXTIFY } = vm.constants ?? {};

module.exports = DONT_CONTEXTIFY === undefined ? TestEnvironment : class extends TestEnvironment {
  constructor(config, context) {
    const { createContext } = vm;
    vm.createContext = () => createContext(DONT_CONTEXTIFY);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
  }
};
