import { randomUUID } from 'node:crypto';
import { judgeAuthorize, judgeVerdict, judgeVerify } from './judge.js';
import type { Population, UsedToken } from './population.js';
import type { Question, Recorder } from './recorder.js';

const BATCH_MAX = 6;

interface Use {
  readonly token: UsedToken;
  readonly cost: string;
  readonly request: string;
  readonly key: string | null;
}

/** Checks of tokens, charged and free, alone, in batches and as a gateway asks; with and without a key. */
export class Uses {
  constructor(
    private readonly recorder: Recorder,
    private readonly population: Population,
  ) {}

  /** One step of a caller. */
  async step(): Promise<void> {
    const roll = this.recorder.dice.roll();
    if (roll < 0.1) return this.batch();
    const use = this.someUse(roll < 0.55);
    const question = roll < 0.3 ? this.authorizeQuestion(use) : this.verifyQuestion(use);
    // Without a key each attempt would be a new use.
    if (use.key === null) await this.recorder.once(question, this.recorder.someServer());
    else await this.recorder.untilKnown(question);
  }

  private someUse(keyed: boolean): Use {
    const { dice } = this.recorder;
    const token = dice.pick(this.population.tokens);
    const cost = dice.roll() < 0.2 ? '0' : String(dice.upTo(9));
    return { token, cost, request: this.recorder.name('u'), key: keyed ? randomUUID() : null };
  }

  private verifyQuestion(use: Use): Question {
    const body = bodyOf(use);
    const send: Question['send'] = async (wire) =>
      judgeVerify(await wire.call({ method: 'POST', path: '/v1/verify', token: this.population.adminToken, body }));
    return { kind: 'use', request: use.request, asked: askedOf(use), send };
  }

  private authorizeQuestion(use: Use): Question {
    const { token, cost, request, key } = use;
    const headers = {
      'x-ledger-cost': cost,
      'x-ledger-operation': request,
      ...(token.requester === null ? {} : { 'x-requester-uid': token.requester }),
      ...(key === null ? {} : { 'idempotency-key': key }),
    };
    const send: Question['send'] = async (wire) =>
      judgeAuthorize(await wire.call({ method: 'GET', path: '/v1/authorize', token: token.secret, headers }));
    return { kind: 'use', request, asked: askedOf(use), send };
  }

  /** Its items are requests of their own, which one reply answers; none of them is repeated. */
  private async batch(): Promise<void> {
    const { recorder } = this;
    const uses = Array.from({ length: recorder.dice.upTo(BATCH_MAX) }, () => this.someUse(recorder.dice.roll() < 0.5));
    const server = recorder.someServer();
    const startedAt = recorder.now();
    const body = { items: uses.map(bodyOf) };
    const reply = await recorder.wire(server).call({
      method: 'POST',
      path: '/v1/verify/batch',
      token: this.population.adminToken,
      body,
    });
    uses.forEach((use, index) => {
      const judgement = reply.status === 200 ? judgeVerdict(reply.body.results[index]) : judgeVerify(reply);
      recorder.add({ kind: 'use', request: use.request, server, startedAt, asked: askedOf(use) }, judgement);
    });
  }
}

function bodyOf({ token, cost, request, key }: Use): object {
  return {
    token: token.secret,
    cost,
    operation: request,
    ...(token.requester === null ? {} : { requester: token.requester }),
    ...(key === null ? {} : { idempotencyKey: key }),
  };
}

function askedOf({ token, cost, key }: Use): Question['asked'] {
  return { token: token.uid, account: token.account, amount: cost, keyed: key !== null };
}
