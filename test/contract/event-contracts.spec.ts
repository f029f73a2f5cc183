import { describe, expect, it } from '@jest/globals';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CommandContext, EVENT_CONTRACTS, type Fact, toEvents, tokenCreatedPrivate } from '#libs/contracts';
import { canonicalJson, type Json, SeededIds, toInstant } from '#libs/kernel';
import { PROJECT_ROOT } from '../architecture/support/project-files.js';
import { arbitraryOf } from './support/arbitrary-of-schema.js';
import { closedSchema } from './support/closed-schema.js';

interface StoredEvent {
  id: string;
  type: string;
  data: unknown;
  metadata: Record<string, string>;
  private?: Record<string, string>;
}

const FOLDER = join(PROJECT_ROOT, 'test/contract/stored-events');
const CONTRACTS = Object.values(EVENT_CONTRACTS);
const AT = 1_795_593_600_000;
const PROPERTY_TIMEOUT_MS = 60_000;

const context = (): CommandContext => ({
  actor: { type: 'user', uid: 'usr_01JD00000000000000000000VS' },
  credential: 'tok_01JD00000000000000000000TK',
  requestId: 'req_01JD00000000000000000000RQ',
  correlationId: 'req_01JD00000000000000000000RQ',
  ip: '203.0.113.7',
  userAgent: 'curl/8',
  at: AT,
  ids: new SeededIds('event contracts', AT),
});

const stored = (type: string, version: number): StoredEvent =>
  JSON.parse(readFileSync(join(FOLDER, `${type}.v${version}.json`), 'utf8'));

/** What a value breaks of a schema, in words; empty when it breaks nothing. */
function faults(schema: object, value: unknown): string {
  const ajv = new Ajv({ allErrors: true });
  return ajv.validate(schema, value) ? '' : ajv.errorsText();
}

describe('the contract of every event type', () => {
  const page = readFileSync(join(PROJECT_ROOT, 'docs/reference/events.md'), 'utf8');
  const cases = CONTRACTS.map((contract) => ({ contract, type: contract.type }));

  it('is registered under its own name', () => {
    expect(Object.entries(EVENT_CONTRACTS).filter(([name, contract]) => name !== contract.type)).toEqual([]);
  });

  it.each(cases)('$type: the example holds what the schema says and nothing else', ({ contract }) => {
    expect(faults(closedSchema(contract.schema), contract.example)).toBe('');
  });

  it.each(cases)('$type: a reader lets pass a field that a later version may add', ({ contract }) => {
    expect(faults(contract.schema, { ...contract.example, addedLater: 1 })).toBe('');
  });

  it.each(cases)('$type: has a section of the reference that names every field', ({ contract, type }) => {
    const section = page.split(/^## /m).find((text) => text.startsWith(`${type}\n`)) ?? '';
    expect(section).toContain(`Version ${contract.version}, in stream \`${contract.stream}\`.`);
    const unnamed = Object.keys(contract.schema.properties).filter((name) => !section.includes(`| \`${name}\``));
    expect(unnamed).toEqual([]);
  });

  it('the reference has no section for an event that there is not', () => {
    const sections = [...page.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    expect(sections).toEqual(['Metadata', ...CONTRACTS.map(({ type }) => type)]);
  });

  it('the reference names exactly the metadata that an event can carry', () => {
    const [event] = toEvents([{ type: 'TokenRevoked', data: EVENT_CONTRACTS.TokenRevoked.example } as Fact], context());
    const section = page.split(/^## /m).find((text) => text.startsWith('Metadata\n')) ?? '';
    const named = [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(Object.keys(event?.metadata ?? {}).sort());
  });
});

describe('the stored examples', () => {
  const files = readdirSync(FOLDER).sort();
  const versions = CONTRACTS.flatMap(({ type, version }) =>
    Array.from({ length: version }, (_, index) => ({ type, version: index + 1, current: version })),
  );

  it('are one for each type and version, and stay when a type is no longer written', () => {
    const wanted = versions.map(({ type, version }) => `${type}.v${version}.json`);
    expect(files).toEqual(wanted.sort());
  });

  it.each(versions)('$type version $version can be read by this build', ({ type, version }) => {
    const event = stored(type, version);
    expect(event).toMatchObject({ type, metadata: { schemaVersion: String(version) } });
    expect(faults(EVENT_CONTRACTS[type as keyof typeof EVENT_CONTRACTS].schema, event.data)).toBe('');
  });

  it.each(CONTRACTS.map(({ type, version }) => ({ type, version })))(
    '$type version $version is what this build writes: another shape is another version',
    ({ type, version }) => {
      const { data, metadata, private: hidden } = stored(type, version);
      const fact = { type, data, ...(hidden === undefined ? {} : { private: hidden }) } as Fact;
      const [written] = toEvents([fact], context());
      expect(data).toEqual(EVENT_CONTRACTS[fact.type].example);
      expect(written).toMatchObject({ type, data, metadata: { schemaVersion: metadata['schemaVersion'] } });
      expect(Object.keys(metadata).filter((name) => !(name in (written?.metadata ?? {})))).toEqual([]);
    },
  );

  it('hold the private part of TokenCreated, and of no other type', () => {
    const withPrivate = CONTRACTS.filter(({ type, version }) => stored(type, version).private !== undefined);
    expect(withPrivate.map(({ type }) => type)).toEqual(['TokenCreated']);
    expect(faults(closedSchema(tokenCreatedPrivate), stored('TokenCreated', 1).private)).toBe('');
  });
});

describe('toEvents', () => {
  it.each(CONTRACTS.map(({ type, schema }) => ({ type, schema })))(
    '$type: whatever the contract allows comes back the same from canonical JSON',
    ({ type, schema }) => {
      const ajv = new Ajv();
      const validate = ajv.compile(schema);
      fc.assert(
        fc.property(arbitraryOf(schema), (data) => {
          const [event] = toEvents([{ type, data } as Fact], context());
          const text = canonicalJson(event as unknown as Json);
          const read = JSON.parse(text) as StoredEvent;
          expect(read).toEqual(event);
          expect(canonicalJson(read as unknown as Json)).toBe(text);
          expect(validate(read.data)).toBe(true);
        }),
        { numRuns: 25 },
      );
    },
    PROPERTY_TIMEOUT_MS,
  );

  it('gives a repeated command the same ids and the same instant', () => {
    const facts = CONTRACTS.map(({ type, example }) => ({ type, data: example }) as Fact);
    expect(toEvents(facts, context())).toEqual(toEvents(facts, context()));
    const events = toEvents(facts, context());
    expect(new Set(events.map(({ id }) => id)).size).toBe(facts.length);
    expect(new Set(events.map(({ metadata }) => metadata['occurredAt']))).toEqual(new Set([toInstant(AT)]));
  });
});
