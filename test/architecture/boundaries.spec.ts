import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CAUGHT, writeLawfulTree, writePlantedTree } from './support/canary-tree.js';
import { type Cruise, cruise } from './support/cruise.js';
import { PROJECT_ROOT } from './support/project-files.js';

const CRUISE_TIMEOUT_MS = 120_000;

describe('the direction of imports', () => {
  it(
    'holds in every source file of the project',
    () => {
      const { violations, moduleCount } = cruise(PROJECT_ROOT);
      expect(violations).toEqual([]);
      expect(moduleCount).toBeGreaterThan(20);
    },
    CRUISE_TIMEOUT_MS,
  );
});

describe('the rules on the direction of imports', () => {
  const folder = mkdtempSync(join(tmpdir(), 'boundaries-'));
  let lawful: Cruise;
  let planted: Cruise;

  beforeAll(() => {
    writeLawfulTree(join(folder, 'lawful'));
    writePlantedTree(join(folder, 'planted'));
    lawful = cruise(join(folder, 'lawful'));
    planted = cruise(join(folder, 'planted'));
  }, CRUISE_TIMEOUT_MS);

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('let a lawful project pass', () => {
    expect(lawful.violations).toEqual([]);
  });

  it('catch every planted violation, and nothing beside it', () => {
    expect(planted.violations).toEqual(CAUGHT);
  });

  it('have a planted violation each', () => {
    const bitten = new Set(CAUGHT.map((line) => line.split(':')[0]));
    expect(planted.rules.filter((rule) => !bitten.has(rule))).toEqual([]);
  });
});
