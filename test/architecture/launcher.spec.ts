import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuilt, ensureInstalled, requireNode } from '../../scripts/lib/prepare.mjs';
import { closingLines, tally } from '../../scripts/lib/tally.mjs';
import { PROJECT_ROOT } from './support/project-files.js';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'launcher-'));
  write('package.json', '{}');
  write('libs/kernel/src/index.ts', 'export const one = 1;');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

/** Writes a lock file, or npm's list of what is installed, that holds these packages. */
function writePackages(path: string, packages: object): void {
  write(path, JSON.stringify({ lockfileVersion: 3, packages }));
}

describe('the build of a launcher', () => {
  let builds = 0;
  const build = async (): Promise<void> => {
    builds += 1;
    write('dist/main.js', '');
  };

  beforeEach(async () => {
    builds = 0;
    await ensureBuilt(root, build);
  });

  it('is made once and not again while the sources stay as they are', async () => {
    await ensureBuilt(root, build);
    expect(builds).toBe(1);
  });

  it.each([
    ['a source is changed', 'libs/kernel/src/index.ts', 'export const one = 2;'],
    ['a source is added', 'benchmarks/verify.ts', ''],
    ['an asset is added', 'apps/console/public/index.html', '<html></html>'],
    ['a setting of the compiler is changed', 'tsconfig.json', '{ "files": [] }'],
    ['the packages are changed', 'package-lock.json', '{}'],
  ])('is made again when %s', async (_what, path, text) => {
    write(path, text);
    await ensureBuilt(root, build);
    expect(builds).toBe(2);
  });

  it('is made again when a source is deleted', async () => {
    rmSync(join(root, 'libs/kernel/src/index.ts'));
    await ensureBuilt(root, build);
    expect(builds).toBe(2);
  });

  it('is not made again for a new date, a test or prose', async () => {
    utimesSync(join(root, 'libs/kernel/src/index.ts'), 1, 1);
    write('libs/kernel/src/index.spec.ts', '');
    write('libs/kernel/README.md', '');
    await ensureBuilt(root, build);
    expect(builds).toBe(1);
  });

  it('is made again when the last one failed, even with the sources of the last good one', async () => {
    write('libs/kernel/src/index.ts', 'export const one: string = 1;');
    const failing = async (): Promise<void> => Promise.reject(new Error('does not compile'));
    await expect(ensureBuilt(root, failing)).rejects.toThrow('does not compile');
    write('libs/kernel/src/index.ts', 'export const one = 1;');
    await ensureBuilt(root, build);
    expect(builds).toBe(2);
  });

  it('is made again when a source was changed while it ran', async () => {
    write('libs/kernel/src/index.ts', 'export const one = 2;');
    await ensureBuilt(root, async () => write('libs/kernel/src/index.ts', 'export const one = 3;'));
    await ensureBuilt(root, build);
    expect(builds).toBe(2);
  });
});

describe('the installation of a launcher', () => {
  const lock = {
    '': { name: 'token-ledger' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/for-another-platform': { version: '1.0.0', integrity: 'sha512-b', optional: true },
  };
  const hidden = 'node_modules/.package-lock.json';
  let installs = 0;
  const install = async (): Promise<void> => {
    installs += 1;
    writePackages(hidden, { 'node_modules/a': lock['node_modules/a'] });
  };

  beforeEach(() => {
    installs = 0;
    writePackages('package-lock.json', lock);
  });

  it('is made when nothing is installed, and once', async () => {
    await ensureInstalled(root, install);
    await ensureInstalled(root, install);
    expect(installs).toBe(1);
  });

  it('is not made when the user has installed what the lock names', async () => {
    writePackages(hidden, { 'node_modules/a': lock['node_modules/a'] });
    await ensureInstalled(root, install);
    expect(installs).toBe(0);
  });

  it('is made again when the lock names another version', async () => {
    await ensureInstalled(root, install);
    writePackages('package-lock.json', { ...lock, 'node_modules/a': { version: '2.0.0', integrity: 'sha512-c' } });
    await ensureInstalled(root, install);
    expect(installs).toBe(2);
  });

  it('is made when the user has installed without the development packages', async () => {
    writePackages('package-lock.json', { ...lock, 'node_modules/d': { version: '1.0.0', dev: true } });
    writePackages(hidden, { 'node_modules/a': lock['node_modules/a'] });
    await ensureInstalled(root, install);
    expect(installs).toBe(1);
  });

  it('refuses an older Node in a sentence', () => {
    expect(() => requireNode('20.18.3')).toThrow('Token Ledger needs Node 20.19 or newer, and this is Node 20.18.3.');
    expect(() => requireNode('20.19.0')).not.toThrow();
    expect(() => requireNode('22.1.0')).not.toThrow();
  });
});

describe('launches at the same time', () => {
  /** A program that builds under the lock, and fails when another one builds meanwhile. */
  const builder = `
    import { existsSync, mkdirSync, rmdirSync, appendFileSync } from 'node:fs';
    import { ensureBuilt } from '${pathToFileURL(join(PROJECT_ROOT, 'scripts/lib/prepare.mjs')).href}';
    await ensureBuilt(process.cwd(), async () => {
      mkdirSync('building');
      await new Promise((resolve) => setTimeout(resolve, 100));
      rmdirSync('building');
      mkdirSync('dist', { recursive: true });
      appendFileSync('built', 'x');
    });`;

  async function launch(): Promise<number | null> {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', builder], { cwd: root, stdio: 'ignore' });
    return new Promise((resolve) => child.once('exit', resolve));
  }

  it('build once, one after the other, and leave no lock', async () => {
    expect(await Promise.all([launch(), launch(), launch(), launch()])).toEqual([0, 0, 0, 0]);
    expect(readFileSync(join(root, 'built'), 'utf8')).toBe('x');
    expect(readdirSync(root).filter((name) => name.startsWith('.prepare-lock'))).toEqual([]);
  }, 30_000);

  it('take over from one that was killed while it built', async () => {
    const { pid } = spawnSync(process.execPath, ['--eval', '']);
    write('.prepare-lock/holder', JSON.stringify({ pid, host: hostname() }));
    expect(await Promise.all([launch(), launch(), launch()])).toEqual([0, 0, 0]);
    expect(readFileSync(join(root, 'built'), 'utf8')).toBe('x');
    expect(existsSync(join(root, '.prepare-lock'))).toBe(false);
  }, 30_000);
});

describe('the closing line of a test run', () => {
  const results = (tests: [status: string, fullName: string][], numRuntimeErrorTestSuites = 0) => ({
    numPassedTests: tests.filter(([status]) => status === 'passed').length,
    numFailedTests: tests.filter(([status]) => status === 'failed').length,
    numRuntimeErrorTestSuites,
    testResults: [{ testResults: tests.map(([status, fullName]) => ({ status, fullName })) }],
  });

  it('counts what passed, failed and was skipped', () => {
    const counts = tally(
      results([
        ['passed', 'a'],
        ['failed', 'b'],
        ['pending', 'c'],
        ['todo', 'd'],
      ]),
    );
    expect(closingLines(counts, 1)).toEqual(['1 passed, 1 failed, 2 skipped']);
  });

  it('tells a skipped test from one that the name pattern left out', () => {
    const counts = tally(
      results([
        ['passed', 'P4: one'],
        ['pending', 'P4: two'],
        ['pending', 'P5: one'],
      ]),
      'p4',
    );
    expect(counts).toEqual({ passed: 1, failed: 0, skipped: 1, unselected: 1 });
    expect(closingLines(counts, 0).at(-1)).toBe('1 passed, 0 failed, 1 skipped');
  });

  it('counts a file that could not be run as a failure', () => {
    expect(closingLines(tally(results([['passed', 'a']], 1)), 1).at(-1)).toBe('1 passed, 1 failed, 0 skipped');
  });

  it('never says that nothing failed when Jest ended with an error', () => {
    expect(closingLines(tally(results([['passed', 'a']])), 1).at(-1)).toBe('1 passed, 1 failed, 0 skipped');
    expect(closingLines(undefined, 134).at(-1)).toBe('0 passed, 1 failed, 0 skipped');
  });
});

describe('the flags of Node', () => {
  const read = (file: string): string => readFileSync(join(PROJECT_ROOT, file), 'utf8');
  const flagsIn = (text: string): string[] => text.match(/--[a-z0-9-]+=\d+/g) ?? [];

  it('are the same wherever the server is started and measured', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: { start: string; bench: string } };
    const command = /^CMD (.*)$/m.exec(read('Dockerfile'))?.[1] ?? '';
    expect(flagsIn(scripts.start)).toEqual(['--max-semi-space-size=64', '--v8-pool-size=1']);
    expect(flagsIn(scripts.bench)).toEqual(flagsIn(scripts.start));
    expect(flagsIn(command)).toEqual(flagsIn(scripts.start));
  });
});
