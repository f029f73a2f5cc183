import type { Answered, Outcome } from '../history.js';
import type { Reply } from './wire.js';

/** What an answer means for the history. */
export interface Judgement {
  readonly outcome: Outcome;
  readonly status: number | null;
  readonly code: string | null;
  readonly answered: Answered;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Body = any;

/** A verdict of `POST /v1/verify`, alone or in a batch. */
export function judgeVerdict(verdict: Body): Judgement {
  if (verdict?.valid === true) return { outcome: 'acknowledged', status: 200, code: null, answered: useOf(verdict) };
  const status = (verdict?.status as number | undefined) ?? null;
  return notAcknowledged(status, verdict?.code as string | undefined);
}

/** The answer of a check over `POST /v1/verify`. */
export function judgeVerify({ status, body }: Reply): Judgement {
  return status === 200 ? judgeVerdict(body) : notAcknowledged(status, body?.code);
}

/** The answer of a check over `/v1/authorize`, which says what it has to say in headers. */
export function judgeAuthorize({ status, body, headers }: Reply): Judgement {
  if (status !== 200) return notAcknowledged(status, body?.code);
  const charge = headers['charge-id'] as string | undefined;
  return { outcome: 'acknowledged', status, code: null, answered: charge === undefined ? {} : { charge } };
}

/** The answer of a command: acknowledged with any 2xx, and then with what `answered` takes from its body. */
export function judgeCommand({ status, body, headers }: Reply, answered: (body: Body) => Answered): Judgement {
  if (status === null || status < 200 || status > 299) return notAcknowledged(status, body?.code);
  const replayed = headers['idempotent-replayed'] === 'true' ? { replayed: true } : {};
  return { outcome: 'acknowledged', status, code: null, answered: { ...answered(body), ...replayed } };
}

/** No answer, and an answer that nothing can be said, leave it open; any other refusal lasts. */
function notAcknowledged(status: number | null, code: string | undefined): Judgement {
  const outcome = status === null || status >= 500 ? 'unknown' : 'refused';
  return { outcome, status, code: code ?? null, answered: {} };
}

function useOf({ useId, chargeId, balance, replayed }: Body): Answered {
  return {
    useId,
    ...(chargeId === undefined ? {} : { charge: chargeId }),
    ...(balance === undefined ? {} : { balance }),
    ...(replayed === true ? { replayed: true } : {}),
  };
}
