import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Code that only tests run: a `describe` spans many lines, and bodies of answers are read without a type. */
const TEST_CODE = ['**/*.spec.ts', 'test/**/*.ts', 'libs/*/src/testing/**/*.ts'];

/** What a decision may see: its neighbours, the kernel, the contracts, and (in verification) the domain of a feature. */
const PURE_IMPORT = String.raw`^(?!\.{1,2}/|#libs/(?:kernel|contracts)$|#libs/[^/]+/domain$)`;

const NO_OWN_TIME = 'Time is injected: take a `Clock` (libs/kernel), or use `performance.now()` for a duration.';
const NO_OWN_CHANCE = 'Randomness is injected: take an `IdSource` (libs/kernel), or `node:crypto` for a secret.';
const TOO_MANY_PARAMETERS = 'More than 4 parameters: take one object.';

const sizeLimits = {
  'max-lines': ['error', { max: 300 }],
  'max-lines-per-function': ['error', { max: 60, IIFEs: true }],
  'max-depth': ['error', 3],
};

const bans = {
  'no-restricted-properties': [
    'error',
    { object: 'Date', property: 'now', message: NO_OWN_TIME },
    { object: 'Math', property: 'random', message: NO_OWN_CHANCE },
  ],
  // The limit of parameters is written as syntax, because `max-params` cannot tell a constructor that Nest fills
  // (each parameter is a property) from a call that a person has to read. Past 8, such a class has too many jobs.
  'no-restricted-syntax': [
    'error',
    { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: NO_OWN_TIME },
    { selector: 'CallExpression[callee.name="Date"]', message: NO_OWN_TIME },
    {
      selector: ':matches(FunctionDeclaration, ArrowFunctionExpression, TSDeclareFunction)[params.length>4]',
      message: TOO_MANY_PARAMETERS,
    },
    {
      selector:
        ':not(MethodDefinition[kind="constructor"]) > :matches(FunctionExpression, TSEmptyBodyFunctionExpression)[params.length>4]',
      message: TOO_MANY_PARAMETERS,
    },
    {
      selector:
        'MethodDefinition[kind="constructor"] > FunctionExpression[params.length>4]:has(> :not(TSParameterProperty, BlockStatement))',
      message: TOO_MANY_PARAMETERS,
    },
    {
      selector: 'MethodDefinition[kind="constructor"] > FunctionExpression[params.length>8]',
      message: 'More than 8 injected dependencies: this class does the work of two.',
    },
  ],
};

const correctness = {
  eqeqeq: 'error',
  'no-cond-assign': 'error',
  'no-constant-condition': ['error', { checkLoops: false }],
  'no-control-regex': 'off',
  'no-debugger': 'error',
  'no-dupe-else-if': 'error',
  'no-duplicate-case': 'error',
  'no-empty': 'error',
  'no-fallthrough': 'error',
  'no-loss-of-precision': 'error',
  'no-misleading-character-class': 'error',
  'no-self-assign': 'error',
  'no-self-compare': 'error',
  'no-template-curly-in-string': 'error',
  'no-unreachable': 'error',
  'no-unsafe-finally': 'error',
  'no-unsafe-optional-chaining': 'error',
  'no-useless-catch': 'error',
  'no-useless-escape': 'error',
  'prefer-const': 'error',
};

const typedRules = {
  '@typescript-eslint/consistent-type-imports': 'error',
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-non-null-assertion': 'off',
  // Decorators of Nest take classes without members, and a no-op default is a value like any other.
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'all', caughtErrorsIgnorePattern: '^_' },
  ],
  // A port's method is async whether or not one adapter has something to await.
  '@typescript-eslint/require-await': 'off',
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
};

const testRules = {
  'max-lines-per-function': 'off',
  '@typescript-eslint/no-unsafe-argument': 'off',
  '@typescript-eslint/no-unsafe-assignment': 'off',
  '@typescript-eslint/no-unsafe-call': 'off',
  '@typescript-eslint/no-unsafe-member-access': 'off',
  '@typescript-eslint/no-unsafe-return': 'off',
  '@typescript-eslint/unbound-method': 'off',
};

const names = (list) => Object.fromEntries(list.split(' ').map((name) => [name, 'readonly']));
const SHARED_GLOBALS =
  'AbortController AbortSignal URL URLSearchParams TextDecoder TextEncoder clearInterval clearTimeout console fetch performance queueMicrotask setInterval setTimeout structuredClone';
const NODE_GLOBALS = 'Buffer process setImmediate';
const BROWSER_GLOBALS =
  'Blob CustomEvent Element Event EventSource FormData HTMLElement IntersectionObserver Node Response alert atob btoa confirm crypto customElements document history localStorage location navigator requestAnimationFrame sessionStorage window';

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', '.token-ledger/', '**/*.d.mts']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  { rules: { ...correctness, ...sizeLimits, ...bans } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: typedRules,
  },
  {
    files: ['libs/*/src/**/domain/**/*.ts', 'libs/**/*.decide.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: PURE_IMPORT, message: 'A decision is pure: it imports the domain, the kernel and the contracts.' },
          ],
        },
      ],
    },
  },
  { files: ['libs/**/*.ts'], ignores: TEST_CODE, rules: { 'no-console': 'error' } },
  // The one place that reads the machine's clock; everything else is handed the `Clock` that is made here.
  { files: ['libs/kernel/src/clock.ts'], rules: { 'no-restricted-properties': 'off' } },
  { files: TEST_CODE, rules: testRules },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: { globals: names(`${SHARED_GLOBALS} ${NODE_GLOBALS}`) },
    rules: { 'no-undef': 'error', 'no-unused-vars': 'error' },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs', globals: names('module require __dirname') },
  },
  {
    files: ['apps/console/**/*.{js,mjs}'],
    languageOptions: { globals: names(`${SHARED_GLOBALS} ${BROWSER_GLOBALS}`) },
  },
);
