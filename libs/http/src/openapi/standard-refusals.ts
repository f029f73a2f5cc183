import { ERROR_CATALOGUE, type ErrorCode } from '#libs/contracts';
import type { Access } from '../authentication/access.js';
import { PROBLEM_MEDIA_TYPE } from '../problems/problem.js';

/** What is known of an operation when its refusals are documented. */
export interface OperationTraits {
  readonly access: Access;
  /** In lower case. */
  readonly method: string;
  readonly hasBody: boolean;
  readonly hasParameters: boolean;
  readonly takesAnyQuery: boolean;
  /** Waits for `Ledger-Min-Position`. */
  readonly readsReadModels: boolean;
  readonly isRaw: boolean;
  readonly movesMoney: boolean;
}

const CREDENTIAL: readonly ErrorCode[] = [
  'missing_token',
  'malformed_token',
  'checksum_mismatch',
  'wrong_scheme',
  'unknown_token',
  'expired_token',
  'revoked_token',
  'disabled_token',
  'owner_inactive',
  'ip_not_allowed',
  'verification_unavailable',
];

/** Refusals that the platform makes before a handler runs. */
export function standardRefusals(traits: OperationTraits): ErrorCode[] {
  const { access, method, hasBody, hasParameters, takesAnyQuery, readsReadModels, isRaw, movesMoney } = traits;
  const isKnownCaller = access !== 'public';
  const isKeyed = !isRaw && isKnownCaller && method === 'post';
  return [
    'invalid_request',
    'internal_error',
    ...(isKnownCaller ? CREDENTIAL : []),
    ...(isKnownCaller && access !== 'any' ? SCOPE : []),
    ...(hasBody ? BODY : []),
    ...(hasBody || hasParameters ? FIELDS : []),
    ...(takesAnyQuery ? [] : UNKNOWN),
    ...(readsReadModels ? READ : []),
    ...(isKeyed ? KEYED : []),
    ...(isKeyed && movesMoney ? MONEY : []),
  ];
}

const SCOPE: readonly ErrorCode[] = ['operations_not_allowed', 'insufficient_scope', 'wrong_token_type'];
const BODY: readonly ErrorCode[] = ['invalid_json', 'body_too_large', 'unsupported_media_type'];
const FIELDS: readonly ErrorCode[] = ['validation_failed', 'unknown_field'];
const UNKNOWN: readonly ErrorCode[] = ['unknown_field'];
const READ: readonly ErrorCode[] = ['invalid_position', 'not_ready'];
const KEYED: readonly ErrorCode[] = ['idempotency_key_reused'];
const MONEY: readonly ErrorCode[] = ['idempotency_key_required'];

/** The error answers of an operation, one for each status, as OpenAPI response objects. */
export function errorResponses(codes: readonly ErrorCode[]): Record<string, object> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of [...new Set(codes)].sort()) {
    const { status } = ERROR_CATALOGUE[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries([...byStatus].map(([status, group]) => [String(status), errorResponse(group)]));
}

function errorResponse(codes: readonly ErrorCode[]): object {
  return {
    description: codes.map((code) => `\`${code}\`: ${ERROR_CATALOGUE[code].meaning}`).join('\n\n'),
    content: { [PROBLEM_MEDIA_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
    'x-codes': codes,
  };
}

/** Schema of every error answer (RFC 9457). */
export const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'An error (RFC 9457). `code` names it for programs; some codes carry further members.',
  required: ['type', 'title', 'status', 'code', 'detail', 'instance', 'requestId'],
  additionalProperties: true,
  properties: {
    type: { type: 'string', description: 'Where the code is explained.', example: '/docs/errors#not_found' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    code: { type: 'string', enum: Object.keys(ERROR_CATALOGUE) },
    detail: { type: 'string' },
    instance: { type: 'string', description: 'Path of the request, without its query.' },
    requestId: { type: 'string', description: 'Leads to the log line; the same as `X-Request-Id`.' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['field', 'code', 'message'],
        properties: { field: { type: 'string' }, code: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
} as const;
