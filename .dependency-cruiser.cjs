/**
 * The direction of imports: apps → verification → features → platform → contracts → kernel.
 * `test/architecture/boundaries.spec.ts` plants one violation per rule and expects each to be caught, because a cruise
 * that cannot resolve `#libs/*` (see tsconfig.depcruise.json) finds nothing and says that all is well.
 */
const BASE = ['kernel', 'contracts'];
const PLATFORM = ['event-log', 'projections', 'jobs', 'http', 'config', 'postgres'];
const FEATURES = ['tokens', 'directory', 'billing', 'audit'];
const COMPOSITION = ['verification'];

const anyOf = (names) => `^libs/(?:${names.join('|')})/`;
const TESTS = String.raw`(?:\.spec\.ts$|^test/|^libs/[^/]+/src/testing/)`;
const PURE = ['^libs/.+/domain/', String.raw`^libs/.+\.decide\.ts$`];
const INDEX = String.raw`^libs/[^/]+/src/(?:index|domain/index|testing/index)\.ts$`;

/**
 * What starts without being imported: programs, also those that a spec starts as a child process, specs, what Jest loads
 * by name, and the public surface of a lib.
 */
const ENTRIES = [
  String.raw`^apps/[^/]+/src/(?:main|generate)\.[jt]s$`,
  String.raw`^benchmarks/[^/]+\.ts$`,
  String.raw`\.spec\.ts$`,
  String.raw`^libs/[^/]+/src/testing/child-[^/]+\.ts$`,
  String.raw`^test/jest-global-(?:setup|teardown)\.mjs$`,
  String.raw`^test/(?:chaos|cluster)/main\.ts$`,
  INDEX,
];

/** @type {import('dependency-cruiser').IForbiddenRuleType[]} */
const forbidden = [
  {
    name: 'no-circular',
    comment: 'A cycle, even one of types only, makes two files one: move what both need into a third.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'libs-not-apps',
    comment: 'A lib does not know which program it runs in: let the app hand over what the lib needs.',
    from: { path: '^libs/' },
    to: { path: '^(?:apps|benchmarks)/' },
  },
  {
    name: 'feature-not-feature',
    comment: 'Features meet through events (libs/contracts) or in libs/verification.',
    from: { path: `^libs/(${FEATURES.join('|')})/` },
    to: { path: anyOf([...FEATURES, ...COMPOSITION]), pathNot: '^libs/$1/' },
  },
  {
    name: 'platform-not-feature',
    comment: 'The platform serves every feature alike: turn the dependency around with a port.',
    from: { path: anyOf(PLATFORM) },
    to: { path: anyOf([...FEATURES, ...COMPOSITION]) },
  },
  {
    name: 'base-not-up',
    comment: 'The kernel imports no lib, the contracts import the kernel only.',
    from: { path: `^libs/(${BASE.join('|')})/` },
    to: { path: '^libs/', pathNot: '^libs/(?:kernel|$1)/' },
  },
  {
    name: 'domain-pure',
    comment:
      'domain/ and *.decide.ts import each other, the kernel and the contracts: no npm package, no node: module.',
    from: { path: PURE, pathNot: TESTS },
    to: {
      pathNot: [...PURE, `${anyOf(BASE)}src/index[.]ts$`, String.raw`\.command\.ts$`],
    },
  },
  {
    name: 'domain-pure-command',
    comment: 'A decision takes the type of its command (`import type`), not the class, which belongs to the bus.',
    from: { path: PURE, pathNot: TESTS },
    to: { path: String.raw`\.command\.ts$`, dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'through-index',
    comment: 'Another lib is entered through #libs/x, #libs/x/domain, or in tests #libs/x/testing.',
    from: { path: '^libs/([^/]+)/' },
    to: { path: '^libs/', pathNot: ['^libs/$1/', INDEX] },
  },
  {
    name: 'through-index-outside',
    comment: 'Apps, tests and benchmarks enter a lib through #libs/x, #libs/x/domain or #libs/x/testing.',
    from: { pathNot: '^libs/' },
    to: { path: '^libs/', pathNot: INDEX },
  },
  {
    name: 'through-alias',
    comment: 'A relative path out of the lib breaks when either lib moves: write #libs/x.',
    from: { path: '^(libs/[^/]+|apps|test|benchmarks)/' },
    to: { path: '^libs/', pathNot: '^$1/', dependencyTypesNot: ['aliased'] },
  },
  {
    name: 'no-prod-to-test',
    comment: 'What runs in production imports no test code: only specs, test/ and benchmarks use #libs/x/testing.',
    from: { path: '^(?:apps|libs)/', pathNot: TESTS },
    to: { path: TESTS },
  },
  {
    name: 'known-layer',
    comment: 'A lib that no layer names obeys no rule: add it to a layer in .dependency-cruiser.cjs.',
    from: { path: '^libs/', pathNot: anyOf([...BASE, ...PLATFORM, ...FEATURES, ...COMPOSITION]) },
    to: {},
  },
  {
    name: 'not-to-unresolvable',
    comment: 'This import leads nowhere.',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'not-to-dist',
    comment: 'Sources import sources: what a build left behind may be older than the rule that it would hide.',
    from: {},
    to: { path: '^dist/' },
  },
  {
    name: 'declared-packages',
    comment: 'What production code imports stands under "dependencies" in package.json.',
    from: { path: '^(?:apps|libs)/', pathNot: TESTS },
    to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'no-orphans',
    comment: 'Nothing imports this file: delete it, or import it where it was meant to be used.',
    module: { path: '^(?:apps|libs|test|benchmarks)/', pathNot: ENTRIES, numberOfDependentsLessThan: 1 },
    from: {},
  },
  {
    name: 'no-code-for-tests-only',
    comment: 'Only tests import this file: it is dead, or it belongs into testing/.',
    module: { path: '^(?:apps|libs)/', pathNot: [...ENTRIES, TESTS], numberOfDependentsLessThan: 1 },
    from: { pathNot: TESTS },
  },
];

module.exports = {
  forbidden: forbidden.map((rule) => ({ severity: 'error', ...rule })),
  options: {
    doNotFollow: { path: ['node_modules', '^dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.depcruise.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'require', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};
