import { randomUUID } from 'node:crypto';
import type { Answered, RequestKind } from '../history.js';
import { judgeCommand } from './judge.js';
import { ALWAYS, type Population } from './population.js';
import type { Recorder } from './recorder.js';

const REMEMBERED = 200;

interface Booking {
  readonly kind: RequestKind;
  readonly request: string;
  readonly path: string;
  readonly body: object;
  readonly asked: { readonly account?: string; readonly charge?: string; readonly amount: string };
}

/** Direct charges, their reversals, and grants: every one has a key and is repeated until something is known of it. */
export class Bookings {
  private readonly charges: string[] = [];

  constructor(
    private readonly recorder: Recorder,
    private readonly population: Population,
  ) {}

  /** One step of a caller. */
  async step(): Promise<void> {
    const roll = this.recorder.dice.roll();
    if (roll < 0.45) return this.grant();
    if (roll < 0.65) return this.reverse();
    return this.charge();
  }

  private async charge(): Promise<void> {
    const account = this.recorder.dice.pick(this.population.accounts);
    const [request, amount] = [this.recorder.name('d'), String(this.recorder.dice.upTo(20))];
    const body = { amount, operation: request };
    const path = `/v1/accounts/${account}/charges`;
    const { charge } = await this.send({ kind: 'charge', request, path, body, asked: { account, amount } });
    if (charge === undefined) return;
    this.charges.push(charge);
    if (this.charges.length > REMEMBERED) this.charges.shift();
  }

  /** Of the same charge there may be several, until nothing is left of it. */
  private async reverse(): Promise<void> {
    if (this.charges.length === 0) return this.charge();
    const charge = this.recorder.dice.pick(this.charges);
    const [request, amount] = [this.recorder.name('r'), String(this.recorder.dice.upTo(3))];
    const body = { amount, reason: request };
    const path = `/v1/charges/${charge}/reversals`;
    await this.send({ kind: 'reversal', request, path, body, asked: { charge, amount } });
  }

  private async grant(): Promise<void> {
    const account = this.recorder.dice.pick(this.population.accounts);
    const [request, amount] = [this.recorder.name('g'), String(50 + this.recorder.dice.upTo(200))];
    const body = { amount, kind: 'paid', effectiveAt: ALWAYS, reason: request };
    const path = `/v1/accounts/${account}/grants`;
    await this.send({ kind: 'grant', request, path, body, asked: { account, amount } });
  }

  private async send({ kind, request, path, body, asked }: Booking): Promise<Answered> {
    const call = { method: 'POST', path, token: this.population.adminToken, body };
    const headers = { 'idempotency-key': randomUUID() };
    const judgement = await this.recorder.untilKnown({
      kind,
      request,
      asked: { ...asked, keyed: true },
      send: async (wire) => judgeCommand(await wire.call({ ...call, headers }), answerOf(kind)),
    });
    return judgement.answered;
  }
}

function answerOf(kind: RequestKind): (body: Record<string, string>) => Answered {
  if (kind === 'grant') return ({ uid }) => ({ grant: uid! });
  return ({ uid, chargeNumber, balanceAfter }) => ({
    charge: uid!,
    chargeNumber: chargeNumber!,
    balance: balanceAfter!,
  });
}
