import { isUtf8 } from 'node:buffer';
import { refuse, refuseField } from '#libs/contracts';
import { refuseBody } from '../problems/refuse-invalid.js';

const DEPTH_MAX = 32;
/** Below this length no body nests deep enough to hurt whoever walks it. */
const SHORT_BODY = 1024;
/** Escapes can hide a NUL or half a surrogate pair, long or raised numbers an infinity; the names change prototypes. */
const SUSPICIOUS = /\\u|"__proto__"|"constructor"|\d[eE]|\d{300}/;
const UNSTORABLE = /\u0000|\p{Surrogate}/u;

/**
 * The value of a JSON body, of which nothing can surprise a store: UTF-8, no NUL, no half surrogate pair, finite
 * numbers, no member that would change a prototype, nested at most 32 deep. An empty body is `{}`.
 * Refuses with `invalid_json`, `validation_failed` or `unknown_field`.
 */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) return {};
  if (!isUtf8(body)) throw refuse('invalid_json', { detail: 'The body is not UTF-8.' });
  const text = body.toString('utf8');
  const value = parse(text);
  if (text.length > SHORT_BODY || SUSPICIOUS.test(text)) inspect(value);
  return value;
}

/** Refuses a body that is not an object. */
export function requireObject(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw refuseBody('The body must be a JSON object.');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw refuse('invalid_json', { detail: 'The body is not JSON.' });
  }
}

interface Node {
  readonly value: unknown;
  readonly path: string;
  readonly depth: number;
}

/** Walks with a list of its own instead of the call stack, which a hostile body could exhaust. */
function inspect(root: unknown): void {
  const open: Node[] = [{ value: root, path: '', depth: 0 }];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { value, path, depth } = node;
    if (typeof value === 'object' && value !== null) {
      if (depth >= DEPTH_MAX) throw refuseField(path, `is nested more than ${DEPTH_MAX} deep`);
      open.push(...childrenOf(value, path, depth + 1));
    } else {
      inspectLeaf(value, path);
    }
  }
}

function inspectLeaf(value: unknown, path: string): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw outOfRange(path);
  if (typeof value === 'string' && UNSTORABLE.test(value)) throw unstorable();
}

function outOfRange(path: string): Error {
  return path === '' ? refuseBody('The body is a number out of range.') : refuseField(path, 'is a number out of range');
}

function childrenOf(value: object, path: string, depth: number): Node[] {
  if (Array.isArray(value))
    return value.map((item: unknown, index) => ({ value: item, path: `${path}[${index}]`, depth }));
  return Object.entries(value).map(([key, member]: [string, unknown]) => {
    if (UNSTORABLE.test(key)) throw unstorable();
    const field = path === '' ? key : `${path}.${key}`;
    if (changesPrototype(key, member)) throw refuseField(field, 'is not known to this call', 'unknown_field');
    return { value: member, path: field, depth };
  });
}

/** Copied onto another object, such a member would replace its prototype. */
function changesPrototype(key: string, member: unknown): boolean {
  if (key === '__proto__') return true;
  return key === 'constructor' && typeof member === 'object' && member !== null && Object.hasOwn(member, 'prototype');
}

function unstorable(): Error {
  return refuse('invalid_json', { detail: 'The body holds a NUL or half a surrogate pair.' });
}
