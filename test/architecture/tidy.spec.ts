import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bannedCode, type Finding } from './support/code-rules.js';
import { PROJECT_ROOT, projectFiles } from './support/project-files.js';
import { bannedText, oversized } from './support/text-rules.js';

const READ_ALL_TIMEOUT_MS = 60_000;

describe('the files of the project', () => {
  const files = projectFiles().map((path) => ({ path, content: readFileSync(join(PROJECT_ROOT, path)) }));
  const texts = files
    .filter(({ content }) => !content.includes(0))
    .map(({ path, content }) => ({ path, text: content.toString('utf8') }));
  const report = (path: string, found: Finding[]): string[] => found.map((one) => `${path}:${one.line} ${one.message}`);

  it('are found by git, sources and lock file among them', () => {
    expect(files.map((file) => file.path)).toEqual(
      expect.arrayContaining(['package.json', 'package-lock.json', 'libs/kernel/src/index.ts', 'scripts/start.mjs']),
    );
  });

  it(
    'hold no banned call, no unchecked append and no test that is left out',
    () => {
      expect(texts.flatMap(({ path, text }) => report(path, bannedCode(path, text)))).toEqual([]);
    },
    READ_ALL_TIMEOUT_MS,
  );

  it('hold no leftover, no folder of a machine and no host of a registry', () => {
    expect(texts.flatMap(({ path, text }) => report(path, bannedText(path, text)))).toEqual([]);
  });

  it('stay within 300 lines a source and 256 KiB a file', () => {
    expect(files.flatMap(({ path, content }) => report(path, oversized(path, content)))).toEqual([]);
  });
});

/** One line of code, and the words by which it must be reported; without words it must pass. */
type Case = readonly [code: string, words?: string];

function check(cases: readonly Case[], find: (code: string) => Finding[]): void {
  for (const [code, words] of cases) {
    const messages = find(code).map((finding) => finding.message);
    expect({ code, messages }).toEqual({ code, messages: words === undefined ? [] : [expect.stringContaining(words)] });
  }
}

describe('the rules on code', () => {
  const inSource = (code: string): Finding[] => bannedCode('libs/tokens/src/revoke-token/example.ts', code);
  const inTest = (code: string): Finding[] => bannedCode('libs/tokens/src/revoke-token/example.spec.ts', code);

  it('catch a read of the machine’s time and name the Clock, but let an instant be parsed', () => {
    const cases: Case[] = [
      ['const at = Date.now();', 'take a Clock'],
      ['const read = Date.now;', 'take a Clock'],
      ['const at = globalThis.Date.now();', 'take a Clock'],
      ['const at = new Date();', 'take a Clock'],
      ['const at = new Date;', 'take a Clock'],
      ['const at = Date();', 'take a Clock'],
      ['const at = new Date(1000); // Date.now() would not do'],
      ['const at = clock.now();'],
      ['const startedMs = performance.now();'],
    ];
    check(cases, inSource);
    check(cases, inTest);
    expect(bannedCode('libs/kernel/src/clock.ts', 'export const now = () => Date.now();')).toEqual([]);
  });

  it('catch a draw of chance and name the IdSource', () => {
    check([['const dice = Math.random();', 'take an IdSource'], ['const low = Math.min(1, 2);']], inSource);
  });

  it('catch the in-process EventBus and name the EventLog, but let the other buses pass', () => {
    const cases: Case[] = [
      [`import { EventBus } from '@nestjs/cqrs';`, 'append to the EventLog'],
      [`import { CommandBus, QueryBus } from '@nestjs/cqrs';`],
      ['this.eventBus.publish(revoked);', 'append to the EventLog'],
      ['eventBus.publishAll(events);', 'append to the EventLog'],
      ['queue.publish(job);'],
    ];
    check(cases, inSource);
  });

  it('catch a hash over JSON.stringify and name canonicalJson', () => {
    const cases: Case[] = [
      [`createHash('sha256').update(JSON.stringify(body)).digest('hex');`, 'hash canonicalJson'],
      ['const text = JSON.stringify(body); const hash = sha256(text);', 'hash canonicalJson'],
      ['leafHash(Buffer.from(JSON.stringify(body)));', 'hash canonicalJson'],
      ['const hash = sha256(canonicalJson(body)); const sent = JSON.stringify(body);'],
    ];
    check(cases, inSource);
  });

  it('catch an append under any revision, outside of tests', () => {
    const cases: Case[] = [
      [`log.append([{ stream, expected: 'any', events }]);`, 'state the revision'],
      [`const expected: ExpectedRevision = fresh ? 'noStream' : 'any';`, 'state the revision'],
      [`log.append([{ stream, expected: 'noStream', events }]);`],
      [`type ExpectedRevision = 'noStream' | 'any'; if (append.expected === 'any') stop();`],
    ];
    check(cases, inSource);
    check([[`log.append([{ stream, expected: 'any', events }]);`]], inTest);
  });

  it('catch a test that is left out, in every spelling', () => {
    const cases: Case[] = [
      [`it.skip('works', run);`, 'repair the test'],
      [`describe.only('tokens', run);`, 'repair the test'],
      [`test.todo('later');`, 'repair the test'],
      [`it.only.each([1])('works', run);`, 'repair the test'],
      [`(hasServer ? describe : describe.skip)('tokens', run);`, 'repair the test'],
      [`xit('works', run);`, 'repair the test'],
      [`fdescribe('tokens', run);`, 'repair the test'],
      [`it.each([1])('works', run); page.skip(3); fit(schema, document);`],
    ];
    check(cases, inTest);
  });
});

describe('the rules on text', () => {
  const inDocs = (text: string): Finding[] => bannedText('docs/ARCHITECTURE.md', text);
  const marker = (head: string, tail: string): string => `// ${head}${tail}: later`;

  it('catch leftover markers', () => {
    const cases: Case[] = [
      [marker('TO', 'DO'), 'leaves work behind'],
      [marker('FIX', 'ME'), 'leaves work behind'],
      ['the methods to do this'],
    ];
    check(cases, inDocs);
  });

  it('catch folders of one machine', () => {
    const cases: Case[] = [
      [['see ', 'work', 'main/x'].join('/'), 'use a relative path'],
      [['cd ', 'home', 'ada', 'ledger'].join('/'), 'use a relative path'],
      [['"', 'root', '.npmrc"'].join('/'), 'use a relative path'],
      ['see docs/work/main and https://example.com/work-and-pay'],
    ];
    check(cases, inDocs);
  });

  it('catch hosts of registries, and a lock that is tied to one', () => {
    const cases: Case[] = [
      [`https://${['registry', 'npmjs', 'org'].join('.')}/`, 'knows its own'],
      [`//${['npm', 'pkg', 'github', 'com'].join('.')}/:x`, 'knows its own'],
      [`http://10.0.0.1/${'artifactory'}/x`, 'knows its own'],
      ['npm ci && npm test'],
    ];
    check(cases, inDocs);
    const resolved = bannedText('package-lock.json', `"resolved": "https://packages.example/jest.tgz"`);
    expect(resolved.map((finding) => finding.message)).toEqual([expect.stringContaining('ties the lock')]);
  });

  it('catch a setting that lets a run without tests pass', () => {
    const found = bannedText('package.json', `"test": "jest --${'passWith'}NoTests"`);
    expect(found.map((finding) => finding.message)).toEqual([expect.stringContaining('without tests')]);
  });
});

describe('the limits of size', () => {
  it('catch the 301st line of a source and the byte over 256 KiB', () => {
    expect(oversized('libs/a/src/b.ts', Buffer.from('x\n'.repeat(300)))).toEqual([]);
    expect(oversized('libs/a/src/b.ts', Buffer.from('x\n'.repeat(301)))).toHaveLength(1);
    expect(oversized('docs/a.png', Buffer.alloc(256 * 1024))).toEqual([]);
    expect(oversized('docs/a.png', Buffer.alloc(256 * 1024 + 1))).toHaveLength(1);
    expect(oversized('package-lock.json', Buffer.alloc(256 * 1024 + 1))).toEqual([]);
  });
});
