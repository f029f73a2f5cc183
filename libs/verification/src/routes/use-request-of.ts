import { refuse, refuseField } from '#libs/contracts';
import { refuseSecret } from '#libs/http';
import { holdsTokenString } from '#libs/tokens/domain';
import type { UseRequest } from '../domain/use-request.js';
import type { VerifyBody } from './verify-schemas.js';

/** No token string is shorter, so shorter text need not be searched for one. */
const TOKEN_LENGTH_MIN = 69;

/** The request of a body whose shape is right. Refuses text that holds a token where it would be recorded. */
export function useRequestOf(body: VerifyBody): UseRequest {
  const request: UseRequest = {
    requester: body.requester ?? null,
    scope: body.scope ?? null,
    resource: body.resource ?? null,
    project: body.project ?? null,
    environment: body.environment ?? null,
    operation: body.operation ?? null,
    cost: body.cost === undefined ? 0n : BigInt(body.cost),
    idempotencyKey: body.idempotencyKey ?? null,
    ip: body.ip ?? null,
    userAgent: body.userAgent ?? null,
  };
  refuseSecrets(request);
  return request;
}

function refuseSecrets(request: UseRequest): void {
  let field: keyof UseRequest;
  // A list of the entries would be made for every check, and hardly any holds text this long.
  for (field in request) {
    const value = request[field];
    if (typeof value !== 'string' || value.length < TOKEN_LENGTH_MIN) continue;
    if (holdsTokenString(value)) throw refuseSecret(field);
  }
}

const AMOUNT = /^(0|[1-9][0-9]{0,14})$/;

/** The request that a gateway describes in headers. */
export function useRequestOfHeaders(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  source: { readonly ip: string; readonly userAgent: string | null },
): UseRequest {
  const read = (name: string): string | null => {
    const value = headers[name];
    if (Array.isArray(value)) throw refuse('invalid_request', { detail: `The header ${name} came twice.` });
    return value === undefined || value === '' ? null : value;
  };
  const cost = read('x-ledger-cost') ?? '0';
  if (!AMOUNT.test(cost)) throw refuseField('X-Ledger-Cost', 'must be an integer of at most 15 digits');
  const request: UseRequest = {
    requester: read('x-requester-uid') ?? read('instill-requester-uid'),
    scope: read('x-ledger-scope'),
    resource: read('x-ledger-resource'),
    project: read('x-ledger-project'),
    environment: read('x-ledger-environment'),
    operation: read('x-ledger-operation'),
    cost: BigInt(cost),
    idempotencyKey: read('idempotency-key'),
    ...source,
  };
  refuseSecrets(request);
  return request;
}
