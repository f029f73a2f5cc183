/** One entry of the catalogue: HTTP status and the public text that is shown when an occurrence has none of its own. */
export interface ErrorEntry {
  readonly status: number;
  readonly title: string;
  /** When it is answered, and what to do. */
  readonly meaning: string;
}

const entry = (status: number, title: string, meaning: string): ErrorEntry => ({ status, title, meaning });

const request = {
  validation_failed: entry(
    400,
    'Validation failed',
    'A field of body, query or path is not as described; `errors` names each.',
  ),
  unknown_field: entry(
    400,
    'Unknown field',
    'Body or query hold a field that this call does not know; `errors` names each.',
  ),
  invalid_json: entry(400, 'Invalid JSON', 'The body is not JSON in UTF-8, or holds a NUL or half a surrogate pair.'),
  invalid_request: entry(400, 'Invalid request', 'The request line or a header is malformed.'),
  invalid_position: entry(400, 'Invalid position', 'A position cannot be parsed or lies beyond the head of the log.'),
  invalid_cursor: entry(
    400,
    'Invalid cursor',
    'The cursor was not made by this call of this ledger, with these filters.',
  ),
  idempotency_key_required: entry(400, 'Idempotency key required', 'This call moves money: send `Idempotency-Key`.'),
  owner_required: entry(
    400,
    'Owner required',
    'The installation itself cannot own a personal token: name its `owner`.',
  ),
  expiry_too_long: entry(400, 'Expiry too long', 'The expiry lies beyond the maximum lifetime in force.'),
  expiry_in_past: entry(400, 'Expiry in the past', 'The expiry must lie in the future.'),
  never_not_allowed: entry(400, 'Expiry required', 'The settings in force do not allow tokens that never expire.'),
  secret_in_request: entry(
    400,
    'Secret in the request',
    'A token string stands where it would be logged: use its prefix. Treat it as leaked.',
  ),
  not_found: entry(404, 'Not found', 'There is no such thing, or none that you may see.'),
  method_not_allowed: entry(
    405,
    'Method not allowed',
    'The path exists, not for this method; `Allow` names those it has.',
  ),
  request_timeout: entry(408, 'Request timeout', 'The request did not arrive whole in time.'),
  body_too_large: entry(413, 'Body too large', 'The body is larger than this call takes.'),
  unsupported_media_type: entry(415, 'Unsupported media type', 'Send JSON, with `Content-Type: application/json`.'),
  headers_too_large: entry(431, 'Headers too large', 'The headers are larger than the server takes.'),
  idempotency_key_reused: entry(422, 'Idempotency key reused', 'The key was used before, with another request.'),
  internal_error: entry(500, 'Internal error', 'A mistake of the ledger; the request id leads to its log line.'),
  not_ready: entry(
    503,
    'Not ready',
    'The read model has not reached the position, a part of the ledger is away, or others are faster; try again.',
  ),
} as const;

const state = {
  handle_taken: entry(409, 'Handle taken', 'The handle is in use; `errors` names the field.'),
  token_limit_reached: entry(
    409,
    'Token limit reached',
    'The owner has as many active tokens as allowed; `candidates` are the least recently used.',
  ),
  token_not_active: entry(409, 'Token not active', 'The token is revoked or expired; both are final.'),
  last_admin: entry(409, 'Last admin', 'An organization keeps at least one admin.'),
  user_disabled: entry(409, 'User disabled', 'The user is disabled.'),
  already_reversed: entry(409, 'Already reversed', 'The reversals of this charge would exceed it.'),
  conflict: entry(409, 'Conflict', 'The same work is under way already; try again when it has ended.'),
} as const;

const authorization = {
  missing_token: entry(401, 'Missing token', 'Send `Authorization: Bearer <token>`.'),
  malformed_token: entry(
    400,
    'Malformed token',
    'What was sent is not a token of this ledger, or came twice or in the query.',
  ),
  checksum_mismatch: entry(400, 'Checksum mismatch', 'The token has a typing error: its checksum does not fit.'),
  wrong_scheme: entry(401, 'Wrong scheme', 'The scheme of `Authorization` must be Bearer.'),
  unknown_token: entry(401, 'Unknown token', 'No such token.'),
  expired_token: entry(401, 'Expired token', 'The token has expired.'),
  revoked_token: entry(401, 'Revoked token', 'The token was revoked.'),
  disabled_token: entry(401, 'Disabled token', 'The token is disabled for now.'),
  owner_inactive: entry(401, 'Owner inactive', 'The owner of the token is disabled.'),
  malformed_requester: entry(400, 'Malformed requester', 'The requester must be the uid of an organization (`org_…`).'),
  insufficient_scope: entry(403, 'Insufficient scope', 'The token does not have the scope.'),
  operations_not_allowed: entry(403, 'Operations not allowed', 'The token has no access to management calls.'),
  permission_denied: entry(403, 'Permission denied', 'The owner of the token may not do this.'),
  resource_not_allowed: entry(403, 'Resource not allowed', 'The token does not reach the resource.'),
  project_not_allowed: entry(403, 'Project not allowed', 'The token does not reach the project.'),
  environment_not_allowed: entry(403, 'Environment not allowed', 'The token does not reach the environment.'),
  wrong_token_type: entry(403, 'Wrong token type', 'Tokens of this type are for another family of calls.'),
  ip_not_allowed: entry(403, 'Address not allowed', 'The token may not be used from this address.'),
  requester_not_allowed: entry(403, 'Requester not allowed', 'The token may not charge this organization.'),
  insufficient_credits: entry(402, 'Insufficient credits', 'The account of the payer does not cover the cost.'),
  rate_limited: entry(429, 'Rate limited', 'Too many uses in the window; `Retry-After` says when to try again.'),
  verification_unavailable: entry(
    503,
    'Verification unavailable',
    'The current state cannot be confirmed; nothing was charged. Try again.',
  ),
} as const;

const catalogue = { ...request, ...state, ...authorization } as const;

export type ErrorCode = keyof typeof catalogue;

/** Every error code that the ledger answers with. */
export const ERROR_CATALOGUE: Readonly<Record<ErrorCode, ErrorEntry>> = catalogue;
