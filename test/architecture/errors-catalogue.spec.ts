import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { challengeFor, ERROR_CATALOGUE, type ErrorCode } from '#libs/contracts';
import { PROJECT_ROOT, projectFiles } from './support/project-files.js';
import { isAnswering, namedCodes, stringsIn } from './support/used-codes.js';

interface OpenApi {
  paths: Record<string, Record<string, { 'x-error-codes': string[]; responses: Record<string, unknown> }>>;
  components: { schemas: { Problem: { properties: { code: { enum: string[] } } } } };
}

const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8');
const CODES = Object.keys(ERROR_CATALOGUE).sort();

describe('the catalogue of errors', () => {
  const openApi = JSON.parse(read('openapi.json')) as OpenApi;
  const operations = Object.entries(openApi.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, ...operation })),
  );

  it('has the codes of docs/reference/errors.md, with the same status, title, meaning and challenge', () => {
    const rows = [...read('docs/reference/errors.md').matchAll(/^\| `(\w+)`.*$/gm)].map(([row]) => cellsOf(row));
    const wanted = (Object.keys(ERROR_CATALOGUE) as ErrorCode[]).map((code) => {
      const { status, title, meaning } = ERROR_CATALOGUE[code];
      const challenge = challengeFor(code, { scope: '<scope>' });
      return [`\`${code}\``, String(status), title, meaning, challenge === null ? '' : `\`${challenge}\``];
    });
    const byCode = (a: string[], b: string[]): number => (a[0] ?? '').localeCompare(b[0] ?? '');
    expect(rows.sort(byCode)).toEqual(wanted.sort(byCode));
  });

  it('has the codes of the Problem schema in openapi.json', () => {
    expect([...openApi.components.schemas.Problem.properties.code.enum].sort()).toEqual(CODES);
  });

  it('has every code that an operation of openapi.json answers, under a status that the operation documents', () => {
    const stray = operations.flatMap(({ name, 'x-error-codes': codes, responses }) =>
      codes
        .filter((code) => !(String(ERROR_CATALOGUE[code as ErrorCode]?.status) in responses))
        .map((code) => `${name}: ${code}`),
    );
    expect(operations.length).toBeGreaterThan(30);
    expect(stray).toEqual([]);
  });
});

describe('the code of the product', () => {
  const sources = projectFiles()
    .filter(isAnswering)
    .map((path) => ({ path, text: read(path) }));

  it('names no error code that the catalogue does not have', () => {
    const unknown = sources.flatMap(({ path, text }) =>
      namedCodes(text)
        .filter((code) => !CODES.includes(code))
        .map((code) => `${path}: ${code}`),
    );
    expect(unknown).toEqual([]);
  });

  it('uses every error code of the catalogue', () => {
    const used = new Set(sources.flatMap(({ text }) => [...stringsIn(text)]));
    expect(CODES.filter((code) => !used.has(code))).toEqual([]);
  });
});

describe('the search for error codes', () => {
  it('finds a code in a refusal, in a bad field and in the documentation of a handler, and none in a comment', () => {
    const text = `
      // refuse('in_comment')
      throw refuse('a_code', { detail: 'words' });
      throw refuseField('name', 'is taken', 'b_code');
      class X { @ApiResponses('c_code', 'd_code') handle() {} }
      refuse(code);`;
    expect(namedCodes(text)).toEqual(['a_code', 'b_code', 'c_code', 'd_code']);
    expect([...stringsIn(text)]).not.toContain('in_comment');
  });

  it('looks into what runs in production, and not where codes are only described', () => {
    const paths = ['libs/tokens/src/outcome.ts', 'apps/server/src/health.ts'];
    const others = [
      'libs/tokens/src/outcome.spec.ts',
      'libs/tokens/src/testing/given.ts',
      'libs/contracts/src/errors/error-catalogue.ts',
      'libs/http/src/openapi/standard-refusals.ts',
      'test/e2e/refusals.e2e.spec.ts',
    ];
    expect([...paths, ...others].filter(isAnswering)).toEqual(paths);
  });
});

/** The cells of a row of a table in Markdown. */
function cellsOf(row: string): string[] {
  return row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll(String.raw`\|`, '|'));
}
