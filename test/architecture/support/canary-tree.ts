import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROJECT_ROOT } from './project-files.js';

type Files = Record<string, string>;

/** A small project that obeys every rule; what it holds that looks forbidden is allowed, and must stay allowed. */
const LAWFUL: Files = {
  'package.json': JSON.stringify({
    type: 'module',
    imports: { '#libs/*/domain': './dist/libs/*/src/domain/index.js', '#libs/*': './dist/libs/*/src/index.js' },
    dependencies: { declared: '1.0.0' },
    devDependencies: { 'for-tests': '1.0.0' },
  }),
  // A build that lies around must not be what `#libs/*` leads to, or every rule between libs falls silent.
  'dist/libs/kernel/src/index.js': 'export const kernel = 1;',
  'dist/libs/tokens/src/index.js': 'export const tokens = 1;',
  'dist/libs/billing/src/index.js': 'export const billing = 1;',
  'node_modules/declared/package.json': '{ "name": "declared", "version": "1.0.0", "main": "index.js" }',
  'node_modules/declared/index.js': '',
  'node_modules/for-tests/package.json': '{ "name": "for-tests", "version": "1.0.0", "main": "index.js" }',
  'node_modules/for-tests/index.js': '',
  'node_modules/stowaway/package.json': '{ "name": "stowaway", "version": "1.0.0", "main": "index.js" }',
  'node_modules/stowaway/index.js': '',
  'libs/kernel/src/index.ts': `import 'node:crypto';`,
  'libs/contracts/src/index.ts': `import '#libs/kernel';`,
  'libs/config/src/index.ts': `import '#libs/contracts'; import 'declared';`,
  'libs/audit/src/index.ts': `import '#libs/config';`,
  'libs/billing/src/index.ts': `export * from './domain/index.js';`,
  'libs/billing/src/domain/index.ts': `export * from './account.js';`,
  'libs/billing/src/domain/account.ts': `import '#libs/kernel'; import '#libs/contracts';`,
  'libs/tokens/src/index.ts': `import './revoke-token/revoke-token.handler.js';`,
  'libs/tokens/src/domain/index.ts': `export * from '../revoke-token/revoke-token.decide.js';`,
  'libs/tokens/src/revoke-token/revoke-token.command.ts': `import 'declared'; export class RevokeToken {}`,
  'libs/tokens/src/revoke-token/revoke-token.decide.ts': `import { type RevokeToken } from './revoke-token.command.js'; export type D = RevokeToken;`,
  'libs/tokens/src/revoke-token/revoke-token.decide.spec.ts': `import 'for-tests'; import './revoke-token.decide.js'; import '../testing/index.js';`,
  'libs/tokens/src/revoke-token/revoke-token.handler.ts': `import './revoke-token.command.js'; import './revoke-token.decide.js';`,
  'libs/tokens/src/testing/index.ts': `import './builders.js';`,
  'libs/tokens/src/testing/builders.ts': `import 'for-tests'; import '#libs/config';`,
  'libs/verification/src/index.ts': `import '#libs/tokens/domain'; import '#libs/billing'; import '#libs/config';`,
  'libs/verification/src/verify.spec.ts': `import '#libs/tokens/testing';`,
  'apps/server/src/main.ts': `import '#libs/verification'; import '#libs/tokens'; import './server.module.js';`,
  'apps/server/src/server.module.ts': `import '#libs/audit';`,
  'benchmarks/verify.ts': `import '#libs/tokens/testing'; import 'for-tests'; import '../test/support/start.js';`,
  'test/e2e/verify.e2e.spec.ts': `import '#libs/tokens/testing'; import '../support/start.js';`,
  'test/support/start.ts': `import 'node:child_process';`,
};

/**
 * Violations: the files, and what must be said of them (`rule: from → to`, the same file twice for a rule about a file).
 * A planted file is imported by its lib's index or its app's main, unless `lonely`: that nothing imports it is its fault.
 */
const PLANTED: { caught: string[]; files: Files; lonely?: boolean }[] = [
  {
    caught: ['no-circular: libs/audit/src/cycle/one.ts → libs/audit/src/cycle/two.ts'],
    files: {
      'libs/audit/src/cycle/one.ts': `import type { Two } from './two.js'; export type One = Two | 1;`,
      'libs/audit/src/cycle/two.ts': `import type { One } from './one.js'; export type Two = One | 2;`,
    },
  },
  {
    caught: ['libs-not-apps: libs/audit/src/from-app.ts → apps/server/src/server-settings.ts'],
    files: {
      'libs/audit/src/from-app.ts': `import '../../../apps/server/src/server-settings.js';`,
      'apps/server/src/server-settings.ts': '',
    },
  },
  {
    caught: [
      'feature-not-feature: libs/tokens/src/neighbour.ts → libs/billing/src/domain/index.ts',
      'feature-not-feature: libs/tokens/src/neighbour.ts → libs/billing/src/index.ts',
      'feature-not-feature: libs/directory/src/index.ts → libs/verification/src/index.ts',
    ],
    files: {
      'libs/tokens/src/neighbour.ts': `import type { A } from '#libs/billing'; export type B = A; import '#libs/billing/domain';`,
      'libs/directory/src/index.ts': `import '#libs/verification';`,
    },
  },
  {
    caught: ['platform-not-feature: libs/jobs/src/index.ts → libs/audit/src/index.ts'],
    files: { 'libs/jobs/src/index.ts': `import '#libs/audit';` },
  },
  {
    caught: [
      'base-not-up: libs/kernel/src/upward.ts → libs/event-log/src/index.ts',
      'base-not-up: libs/contracts/src/upward.ts → libs/event-log/src/index.ts',
    ],
    files: {
      'libs/kernel/src/upward.ts': `import '#libs/event-log';`,
      'libs/contracts/src/upward.ts': `import '#libs/event-log';`,
      'libs/event-log/src/index.ts': '',
    },
  },
  {
    caught: [
      'domain-pure: libs/billing/src/domain/impure.ts → crypto',
      'domain-pure: libs/billing/src/domain/impure.ts → libs/billing/src/charge/round.ts',
      'domain-pure: libs/billing/src/domain/impure.ts → libs/config/src/index.ts',
      'domain-pure: libs/billing/src/charge/charge.decide.ts → node_modules/declared/index.js',
      'domain-pure-command: libs/billing/src/charge/charge.decide.ts → libs/billing/src/charge/charge.command.ts',
    ],
    files: {
      'libs/billing/src/domain/impure.ts': `import 'node:crypto'; import '../charge/round.js'; import '#libs/config';`,
      'libs/billing/src/charge/round.ts': '',
      'libs/billing/src/charge/charge.command.ts': 'export class Charge {}',
      'libs/billing/src/charge/charge.decide.ts': `import type { D } from 'declared'; export type E = D; import './charge.command.js';`,
    },
  },
  {
    caught: [
      'through-index: libs/verification/src/deep.ts → libs/billing/src/charge/charge.decide.ts',
      'through-alias: libs/verification/src/deep.ts → libs/billing/src/charge/charge.decide.ts',
      'through-alias: libs/verification/src/deep.ts → libs/tokens/src/index.ts',
      'through-index-outside: apps/server/src/deep.ts → libs/billing/src/charge/charge.decide.ts',
      'through-alias: apps/server/src/deep.ts → libs/billing/src/charge/charge.decide.ts',
    ],
    files: {
      'libs/verification/src/deep.ts': `import '../../billing/src/charge/charge.decide.js'; import '../../tokens/src/index.js';`,
      'apps/server/src/deep.ts': `import '../../../libs/billing/src/charge/charge.decide.js';`,
    },
  },
  {
    caught: [
      'no-prod-to-test: libs/verification/src/tested.ts → libs/tokens/src/testing/index.ts',
      'no-prod-to-test: libs/verification/src/tested.ts → libs/verification/src/verify.spec.ts',
      'no-prod-to-test: apps/server/src/tested.ts → test/support/start.ts',
    ],
    files: {
      'libs/verification/src/tested.ts': `import '#libs/tokens/testing'; import './verify.spec.js';`,
      'apps/server/src/tested.ts': `import '../../../test/support/start.js';`,
    },
  },
  {
    caught: ['known-layer: libs/novelty/src/index.ts → libs/kernel/src/index.ts'],
    files: { 'libs/novelty/src/index.ts': `import '#libs/kernel';` },
  },
  {
    caught: [
      'not-to-unresolvable: apps/server/src/lost.ts → ./nowhere.js',
      'not-to-unresolvable: apps/server/src/lost.ts → #libs/nowhere',
      'not-to-dist: apps/server/src/lost.ts → dist/libs/kernel/src/index.js',
    ],
    files: {
      'apps/server/src/lost.ts': `import './nowhere.js'; import '#libs/nowhere'; import '../../../dist/libs/kernel/src/index.js';`,
    },
  },
  {
    caught: [
      'declared-packages: apps/server/src/packages.ts → node_modules/for-tests/index.js',
      'declared-packages: apps/server/src/packages.ts → node_modules/stowaway/index.js',
    ],
    files: { 'apps/server/src/packages.ts': `import 'for-tests'; import 'stowaway';` },
  },
  {
    lonely: true,
    caught: [
      'no-orphans: libs/audit/src/forgotten.ts → libs/audit/src/forgotten.ts',
      'no-orphans: test/support/forgotten.ts → test/support/forgotten.ts',
      'no-code-for-tests-only: libs/audit/src/forgotten.ts → libs/audit/src/forgotten.ts',
      'no-code-for-tests-only: libs/audit/src/only-tested.ts → libs/audit/src/only-tested.ts',
    ],
    files: {
      'libs/audit/src/forgotten.ts': `import '#libs/kernel';`,
      'test/support/forgotten.ts': '',
      'libs/audit/src/only-tested.ts': '',
      'libs/audit/src/only-tested.spec.ts': `import './only-tested.js';`,
    },
  },
];

/** Every violation that a cruise of the planted tree must report: no more and no fewer. */
export const CAUGHT: readonly string[] = PLANTED.flatMap((plant) => plant.caught).sort();

/** Writes the lawful project under `root`. */
export function writeLawfulTree(root: string): void {
  writeFiles(root, LAWFUL);
}

/** Writes the lawful project with every violation planted in it under `root`. */
export function writePlantedTree(root: string): void {
  const files: Files = { ...LAWFUL };
  for (const plant of PLANTED) {
    Object.assign(files, plant.files);
    if (!plant.lonely) importFromEntry(files, Object.keys(plant.files));
  }
  writeFiles(root, files);
}

function importFromEntry(files: Files, paths: string[]): void {
  for (const path of paths) {
    const [, folder, isLib, inside] = /^((libs|apps)\/[^/]+\/src)\/(.+)\.ts$/.exec(path)!;
    const entry = isLib === 'libs' ? `${folder}/index.ts` : `${folder}/main.ts`;
    if (path !== entry) files[entry] = `${files[entry] ?? ''} import './${inside}.js';`;
  }
}

function writeFiles(root: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  for (const config of ['tsconfig.json', 'tsconfig.depcruise.json']) {
    cpSync(join(PROJECT_ROOT, config), join(root, config));
  }
}
