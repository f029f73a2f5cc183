import { SERVER_NAMES, type ServerName } from '../faults/schedule.js';
import type { RequestKind } from '../history.js';
import { type Judgement, judgeCommand, judgeVerify } from './judge.js';
import type { Population } from './population.js';
import type { Recorder } from './recorder.js';
import type { Wire } from './wire.js';

interface Made {
  readonly uid: string;
  readonly secret: string;
}

/** Lives of tokens: made on one server, used on both without a pause, revoked on one, and asked for on both at once. */
export class Revocations {
  /** Tokens whose revocation was acknowledged. */
  done = 0;

  constructor(
    private readonly recorder: Recorder,
    private readonly population: Population,
  ) {}

  /** One step of a caller: one life. */
  async step(): Promise<void> {
    const made = await this.make();
    if (made === null) return;
    await Promise.all(SERVER_NAMES.map((server) => this.check(made, server)));
    let isRevoked = false;
    const users = SERVER_NAMES.map(async (server) => {
      while (!isRevoked) await this.check(made, server);
    });
    await this.revoke(made);
    isRevoked = true;
    this.done += 1;
    await Promise.all([...SERVER_NAMES, ...SERVER_NAMES].map((server) => this.check(made, server)));
    await Promise.all(users);
  }

  private async make(): Promise<Made | null> {
    const request = this.recorder.name('c');
    const owner = { organization: this.population.revocationOrganization };
    const body = { type: 'organization', name: request, owner, access: { operations: false, endpoints: 'all' } };
    let secret = '';
    const judgement = await this.ask('createToken', request, {}, async (wire) => {
      const reply = await wire.call({ method: 'POST', path: '/v1/tokens', token: this.population.adminToken, body });
      secret = reply.body?.secret ?? '';
      return judgeCommand(reply, ({ token }) => ({ token: token.uid }));
    });
    const uid = judgement.answered.token;
    return uid === undefined ? null : { uid, secret };
  }

  private async check({ uid, secret }: Made, server: ServerName): Promise<void> {
    const [request, cost] = [this.recorder.name('u'), this.recorder.dice.roll() < 0.5 ? '0' : '1'];
    const body = { token: secret, cost, operation: request };
    const call = { method: 'POST', path: '/v1/verify', token: this.population.adminToken, body };
    const asked = { token: uid, account: this.population.revocationOrganization, amount: cost };
    const send = async (wire: Wire) => judgeVerify(await wire.call(call));
    await this.recorder.once({ kind: 'use', request, asked, send }, server);
  }

  /** A second revocation changes nothing, so it is sent again until it is known to be done. */
  private async revoke({ uid }: Made): Promise<void> {
    const request = this.recorder.name('v');
    const call = {
      method: 'POST',
      path: `/v1/tokens/${uid}/revoke`,
      token: this.population.adminToken,
      body: { reason: request },
    };
    await this.recorder.untilKnown({
      kind: 'revokeToken',
      request,
      asked: { token: uid },
      send: async (wire) => judgeCommand(await wire.call(call), (token) => ({ token: token.uid })),
    });
  }

  private ask(
    kind: RequestKind,
    request: string,
    asked: object,
    send: (wire: Wire) => Promise<Judgement>,
  ): Promise<Judgement> {
    return this.recorder.once({ kind, request, asked, send }, this.recorder.someServer());
  }
}
