import { Semaphore, withTimeout } from 'async-mutex';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isRefusal, refuse } from '#libs/contracts';
import { formatPosition, laterPosition, type Position } from '#libs/event-log';
import { NOT_ANSWERED, principalOf, rawRoute, type RawRoute } from '#libs/http';
import { assert } from '#libs/kernel';
import type { Check } from '../use-judge.js';
import type { Checked } from '../use-recorder.js';
import type { Verifier } from '../verifier.js';
import { useRequestOf } from './use-request-of.js';
import { BATCH_ANSWER, BATCH_BODY, VERDICT, VERIFY_BODY, type VerifyBody } from './verify-schemas.js';

const BATCH_BODY_BYTES = 2 * 1024 * 1024;
/**
 * Uses of batches that are decided and not stored yet, at most: they fill a flush, and each use beyond them would only be
 * carried through every collection of the heap until its turn comes. A batch waits as the body that it came as.
 */
const BATCH_USES_UNDER_WAY = 800;
/** Longest time until it is a batch's turn; longer means that the log stores nothing. */
const TURN_WITHIN_MS = 2_000;

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
    answerAtOnce: async (request, reply) => {
      const early = await verifyAtOnce(verifier, request, [withHeaderKey(request)]);
      return early?.[0] ? tellOne(reply, early[0]) : NOT_ANSWERED;
    },
    handler: async (request, reply) =>
      tellOne(reply, await verifier.verify(checkOf(request, withHeaderKey(request), true))),
  });
}

function verifyBatchRoute(verifier: Verifier): RawRoute {
  const noTurn = refuse('verification_unavailable');
  const underWay = withTimeout(new Semaphore(BATCH_USES_UNDER_WAY), TURN_WITHIN_MS, noTurn);
  const inTurn = <T>({ items }: { items: readonly VerifyBody[] }, answer: () => Promise<T>): Promise<T> =>
    underWay.runExclusive(answer, Math.min(items.length, BATCH_USES_UNDER_WAY));
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
    answerAtOnce: (request, reply) =>
      inTurn(request.body, async () => {
        const { items } = request.body;
        const early = await verifyAtOnce(verifier, request, items);
        if (early === null) return NOT_ANSWERED;
        // What was stored has confirmed the caller, so only the tokens of the others are in question.
        const later = (item: VerifyBody) => verifier.verify(checkOf(request, item, false));
        const checked = items.map((item, index) => Promise.resolve(early[index] ?? later(item)));
        return tellAll(reply, await Promise.all(checked));
      }),
    handler: (request, reply) =>
      inTurn(request.body, async () => {
        const checks = request.body.items.map((item) => checkOf(request, item, true));
        return tellAll(reply, await Promise.all(checks.map((check) => verifier.verify(check))));
      }),
  });
}

/** The retry key may come as the header that every other POST takes. */
function withHeaderKey({ body, headers }: FastifyRequest<{ Body: VerifyBody }>): VerifyBody {
  const key = headers['idempotency-key'];
  if (typeof key !== 'string' || body.idempotencyKey !== undefined) return body;
  return { ...body, idempotencyKey: key };
}

/**
 * The verdicts on what was accepted, and thereby confirmed the caller; null where that is not known yet, and null for
 * all of them when nothing was accepted. A caller who is not confirmed is told of no fault in the body either.
 * Refuses with `verification_unavailable` when something may have been stored and nothing is known to be.
 */
async function verifyAtOnce(
  verifier: Verifier,
  request: FastifyRequest,
  bodies: readonly VerifyBody[],
): Promise<readonly (Checked | null)[] | null> {
  const checks = checksAtOnce(request, bodies);
  if (checks === null) return null;
  const early = await Promise.all(checks.map((check) => verifier.verifyAtOnce(check)));
  if (early.some((checked) => checked?.verdict.valid === true)) return early;
  if (early.every((checked) => checked === null)) return null;
  throw refuse('verification_unavailable');
}

function checksAtOnce(request: FastifyRequest, bodies: readonly VerifyBody[]): Check[] | null {
  try {
    return bodies.map((body) => checkOf(request, body, false));
  } catch (error) {
    if (isRefusal(error)) return null;
    throw error;
  }
}

/** `confirmed`: the caller was authenticated by a barrier that started after the whole request had arrived. */
function checkOf(request: FastifyRequest, body: VerifyBody, confirmed: boolean): Check {
  const principal = principalOf(request);
  assert(principal !== null, 'the call is authenticated');
  return {
    presented: body.token ?? null,
    request: useRequestOf(body),
    caller: `${principal.actor.type}:${principal.actor.uid}`,
    requestId: request.id,
    confirmed,
  };
}

function tellOne(reply: FastifyReply, { verdict, position }: Checked): unknown {
  tell(reply, position);
  if (verdict.valid && verdict.replayed === true) void reply.header('idempotent-replayed', 'true');
  if (!verdict.valid && verdict.status === 503) void reply.header('retry-after', '1');
  return verdict;
}

function tellAll(reply: FastifyReply, checked: readonly Checked[]): unknown {
  tell(reply, lastOf(checked));
  return { results: checked.map(({ verdict }) => verdict) };
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
