import { createHash } from 'node:crypto';
import type { Command, CommandBus } from '@nestjs/cqrs';
import type { CommandContext, Principal } from '#libs/contracts';
import { assert, canonicalJson, RandomIds, type Secret } from '#libs/kernel';
import type { Services } from '../services.js';
import type { DemoClock } from './demo-clock.js';

/** Where the requests of somebody come from. */
export interface Client {
  readonly ip: string;
  readonly userAgent: string;
}

export interface DemoToken {
  readonly uid: string;
  readonly secret: Secret;
}

export interface DemoWorldParts {
  readonly commands: CommandBus;
  readonly services: Services;
  readonly clock: DemoClock;
}

/** Somebody who calls the management API: through which token, and from where. */
interface Caller {
  readonly secret: Secret;
  readonly client: Client;
}

/**
 * The ledger as those see it who act in the history: each command is authenticated by a token of its caller, and
 * carries the rights that this token has at that moment.
 */
export class DemoWorld {
  readonly services: Services;
  readonly clock: DemoClock;
  readonly ids: RandomIds;
  private readonly commands: CommandBus;
  private readonly callers = new Map<string, Caller>();
  private readonly owners = new Map<string, string>();
  private readonly tokens = new Map<string, DemoToken>();
  private moneyCalls = 0;

  constructor({ commands, services, clock }: DemoWorldParts) {
    this.commands = commands;
    this.services = services;
    this.clock = clock;
    this.ids = new RandomIds(() => clock.now());
  }

  /** From now on `name` acts through this token. */
  signIn(name: string, secret: Secret, client: Client): void {
    this.callers.set(name, { secret, client });
  }

  /** Remembers who has a handle: a user or an organization. */
  nameOwner(handle: string, uid: string): void {
    this.owners.set(handle, uid);
  }

  /** Uid of a user or an organization. */
  owner(handle: string): string {
    return known(this.owners, handle);
  }

  nameToken(key: string, token: DemoToken): void {
    this.tokens.set(key, token);
  }

  token(key: string): DemoToken {
    return known(this.tokens, key);
  }

  /** Somebody reads in the ledger, of which it records that the token was seen. */
  async visit(name: string): Promise<void> {
    await this.authenticate(name);
  }

  /** Carries out one command as `name`. */
  async perform<Result>(
    name: string,
    command: (principal: Principal, context: CommandContext) => Command<Result>,
  ): Promise<Result> {
    const { principal, context } = await this.authenticate(name);
    return this.settled(this.commands.execute(command(principal, context)));
  }

  /** The same for a command that moves credits, which has an idempotency key as every such call has. */
  async performOnce<Result>(
    name: string,
    command: (principal: Principal, context: CommandContext) => Command<Result>,
  ): Promise<Result> {
    const { principal, context } = await this.authenticate(name);
    this.moneyCalls += 1;
    const keyHash = sha256(`${principal.actor.uid} demo-${this.moneyCalls}`);
    const fingerprint = sha256(canonicalJson({ call: this.moneyCalls }));
    return this.settled(
      this.commands.execute(command(principal, { ...context, idempotency: { keyHash, fingerprint } })),
    );
  }

  /** Waits for something that may decide whether a token is good, and until the verifier knows of it. */
  async settled<Result>(work: Promise<Result>): Promise<Result> {
    const result = await work;
    await this.services.verification.barrier.confirm();
    return result;
  }

  /** Brings the read models to where the history is. They do not follow it by themselves, which would take longer. */
  untilRead(): Promise<void> {
    return this.services.store.projections.catchUp();
  }

  private async authenticate(name: string): Promise<{ principal: Principal; context: CommandContext }> {
    const { secret, client } = known(this.callers, name);
    const { ids, clock } = this;
    const requestId = ids.uid('req');
    const authorization = `Bearer ${secret.expose()}`;
    const { authenticator } = this.services.verification;
    const principal = await authenticator.authenticate({ authorization, requestId, ...client });
    const { actor, token } = principal;
    const base = { actor, credential: token.uid, requestId, correlationId: requestId };
    return { principal, context: { ...base, ...client, at: clock.now(), ids } };
  }
}

function known<T>(map: ReadonlyMap<string, T>, name: string): T {
  const found = map.get(name);
  assert(found !== undefined, `${name} is there by then`);
  return found;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
