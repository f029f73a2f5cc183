import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { canRun, type Program, whereInstalled } from './programs.js';

const MISSING: Program = { command: 'no-such-program', versionFlag: '--version', package: 'no-such-package' };
const NODE: Program = { command: 'node', versionFlag: '--version', package: 'nodejs' };
const SAID = 'SKIPPED the gateway: no-such-program is not installed (Debian: apt-get install no-such-package)';

describe('a test that needs a program of the system', () => {
  const skip = (): string => 'skipped';
  const block = Object.assign((): string => 'run', { skip });
  const required = process.env['LEDGER_TEST_REQUIRES'];
  let said: string[];
  beforeEach(() => {
    delete process.env['LEDGER_TEST_REQUIRES'];
    said = [];
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    delete process.env['LEDGER_TEST_REQUIRES'];
    if (required !== undefined) process.env['LEDGER_TEST_REQUIRES'] = required;
  });

  it('is run where the program is installed, and nothing is said', () => {
    process.env['LEDGER_TEST_REQUIRES'] = 'node';
    expect(whereInstalled<() => string>(block, NODE, 'the gateway')()).toBe('run');
    expect(said).toEqual([]);
  });

  it('is skipped elsewhere, and one line says what is not tested and which package brings the program', () => {
    process.env['LEDGER_TEST_REQUIRES'] = 'node another-program';
    expect(whereInstalled<() => string>(block, MISSING, 'the gateway')()).toBe('skipped');
    expect(said).toEqual([`${SAID}\n`]);
  });

  it('fails where the program is missing on a machine that was to have it', () => {
    process.env['LEDGER_TEST_REQUIRES'] = 'node no-such-program';
    expect(() => canRun(MISSING, 'the gateway')).toThrow('and LEDGER_TEST_REQUIRES names it');
    expect(said).toEqual([]);
  });
});
