import { challengeFor, ERROR_CATALOGUE, type ErrorCode } from '#libs/contracts';
import type { FieldError, LedgerErrorOptions } from '#libs/kernel';
import type { SecretScrubber } from './secret-scrubber.js';

export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** An error answer (RFC 9457), ready to be sent. */
export interface Problem {
  readonly status: number;
  readonly code: ErrorCode;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ProblemBody;
}

export interface ProblemBody {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  /** Path of the request, without its query. */
  readonly instance: string;
  readonly requestId: string;
  readonly errors?: readonly FieldError[];
}

export interface Occurrence {
  readonly requestId: string;
  /** Request target as it came. */
  readonly target: string;
  readonly scrubber: SecretScrubber;
}

/** Where `type` points: the page of errors that the server itself shows. */
export function problemType(code: ErrorCode): string {
  return `/docs/errors#${code}`;
}

/** The problem document of a refusal; no token string leaves it. */
export function problemOf(code: ErrorCode, options: LedgerErrorOptions, occurrence: Occurrence): Problem {
  const { status, title, meaning } = ERROR_CATALOGUE[code];
  const { scrubber } = occurrence;
  const detail = scrubber.scrub(options.detail ?? meaning);
  const body: ProblemBody = {
    ...options.extra,
    type: problemType(code),
    title,
    status,
    code,
    detail,
    instance: scrubber.pathOf(occurrence.target),
    requestId: occurrence.requestId,
    ...(options.fields === undefined ? {} : { errors: options.fields.map((field) => scrubField(field, scrubber)) }),
  };
  return { status, code, headers: headersOf(code, status, detail, options), body };
}

function scrubField({ field, code, message }: FieldError, scrubber: SecretScrubber): FieldError {
  return { field: scrubber.scrub(field), code, message: scrubber.scrub(message) };
}

function headersOf(
  code: ErrorCode,
  status: number,
  detail: string,
  options: LedgerErrorOptions,
): Readonly<Record<string, string>> {
  const scope = options.extra?.['scope'];
  const challenge = challengeFor(code, { detail, ...(typeof scope === 'string' ? { scope } : {}) });
  return {
    'content-type': `${PROBLEM_MEDIA_TYPE}; charset=utf-8`,
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(challenge === null ? {} : { 'www-authenticate': challenge }),
    ...(status === 503 || status === 429 ? { 'retry-after': '1' } : {}),
    ...options.headers,
  };
}
