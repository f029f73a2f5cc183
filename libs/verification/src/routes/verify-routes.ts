import type { FastifyReply, FastifyRequest } from 'fastify';
import { formatPosition, laterPosition, type Position } from '#libs/event-log';
import { principalOf, rawRoute, type RawRoute } from '#libs/http';
import { assert } from '#libs/kernel';
import type { Checked, Verifier } from '../verifier.js';
import { useRequestOf } from './use-request-of.js';
import { BATCH_ANSWER, BATCH_BODY, VERDICT, VERIFY_BODY, type VerifyBody } from './verify-schemas.js';

const BATCH_BODY_BYTES = 2 * 1024 * 1024;

/** `POST /v1/verify` and `POST /v1/verify/batch`: platforms ask whether a token that was presented to them is good. */
export function verifyRoutes(verifier: Verifier): readonly RawRoute[] {
  return [verifyRoute(verifier), verifyBatchRoute(verifier)];
}

function verifyRoute(verifier: Verifier): RawRoute {
  return rawRoute<VerifyBody>({
    method: 'POST',
    path: '/v1/verify',
    tag: 'Verification',
    summary: 'Is this token good, for this, and who pays?',
    description: 'Answered after TokenUsed, and the charge where there is one, are durably appended.',
    requires: 'tokens:verify',
    body: VERIFY_BODY,
    answers: { 200: { description: 'The verdict; refusals of the token too.', schema: VERDICT } },
    errors: ['secret_in_request', 'verification_unavailable'],
    quiet: true,
    handler: async (request, reply) => {
      const checked = await ask(verifier, request, withHeaderKey(request));
      tell(reply, checked.position);
      if (checked.verdict.valid && checked.verdict.replayed === true) void reply.header('idempotent-replayed', 'true');
      if (!checked.verdict.valid && checked.verdict.status === 503) void reply.header('retry-after', '1');
      return checked.verdict;
    },
  });
}

function verifyBatchRoute(verifier: Verifier): RawRoute {
  return rawRoute<{ items: VerifyBody[] }>({
    method: 'POST',
    path: '/v1/verify/batch',
    tag: 'Verification',
    summary: 'The same for up to 1,000 uses at once',
    requires: 'tokens:verify',
    body: BATCH_BODY,
    bodyLimitBytes: BATCH_BODY_BYTES,
    answers: { 200: { description: 'One verdict for each item, in their order.', schema: BATCH_ANSWER } },
    errors: ['secret_in_request', 'verification_unavailable'],
    quiet: true,
    handler: async (request, reply) => {
      const checked = await Promise.all(request.body.items.map((item) => ask(verifier, request, item)));
      tell(reply, lastOf(checked));
      return { results: checked.map(({ verdict }) => verdict) };
    },
  });
}

/** The retry key may come as the header that every other POST takes. */
function withHeaderKey({ body, headers }: FastifyRequest<{ Body: VerifyBody }>): VerifyBody {
  const key = headers['idempotency-key'];
  if (typeof key !== 'string' || body.idempotencyKey !== undefined) return body;
  return { ...body, idempotencyKey: key };
}

function ask(verifier: Verifier, request: FastifyRequest, body: VerifyBody): Promise<Checked> {
  const principal = principalOf(request);
  assert(principal !== null, 'the call is authenticated');
  return verifier.verify({
    presented: body.token ?? null,
    request: useRequestOf(body),
    caller: `${principal.actor.type}:${principal.actor.uid}`,
    requestId: request.id,
    // The caller was authenticated by a barrier that started after the whole request had arrived.
    confirmed: true,
  });
}

function tell(reply: FastifyReply, position: Position | null): void {
  if (position !== null) void reply.header('ledger-position', formatPosition(position));
}

function lastOf(checked: readonly Checked[]): Position | null {
  return checked.reduce<Position | null>(
    (last, { position }) => (position === null || last === null ? (last ?? position) : laterPosition(last, position)),
    null,
  );
}
