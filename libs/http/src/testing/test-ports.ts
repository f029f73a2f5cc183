import { bearerToken, type Principal, refuse } from '#libs/contracts';
import { comparePositions, type Position, START } from '#libs/event-log';
import { ReadModelProgress } from '../answers/read-model-progress.js';
import { Authenticator, type PresentedCredential, type RefusedCall } from '../authentication/authenticator.js';

/** Knows its callers by the token they send, and remembers what it was told. */
export class FixedAuthenticator extends Authenticator {
  readonly presented: PresentedCredential[] = [];
  readonly refusedCalls: RefusedCall[] = [];

  constructor(private readonly principals: ReadonlyMap<string, Principal>) {
    super();
  }

  async authenticate(presented: PresentedCredential): Promise<Principal> {
    this.presented.push(presented);
    const principal = this.principals.get(bearerToken(presented.authorization).token);
    if (principal === undefined) throw refuse('unknown_token');
    return principal;
  }

  /** Those whose token begins with `known-`. */
  override recognise({ authorization }: PresentedCredential): Principal | null {
    const { token } = bearerToken(authorization);
    return token.startsWith('known-') ? (this.principals.get(token) ?? null) : null;
  }

  override onRefusedCall(refused: RefusedCall): void {
    this.refusedCalls.push(refused);
  }
}

/** Read models that are where they were put; a wait for more fails at once instead of after its time. */
export class ManualProgress extends ReadModelProgress {
  reached: Position = START;
  readonly waits: number[] = [];

  async waitFor(position: Position, timeoutMs: number): Promise<boolean> {
    this.waits.push(timeoutMs);
    return comparePositions(position, this.reached) <= 0;
  }
}

/** A user with a personal token that may do everything; `overrides` narrows it. */
export function testPrincipal(overrides: Partial<Principal> = {}, token: Partial<Principal['token']> = {}): Principal {
  return {
    actor: { type: 'user', uid: 'usr_01HZZZZZZZZZZZZZZZZZZZZZZZ' },
    userUid: 'usr_01HZZZZZZZZZZZZZZZZZZZZZZZ',
    instanceRoles: [],
    memberships: new Map(),
    token: {
      uid: 'tok_01HZZZZZZZZZZZZZZZZZZZZZZZ',
      prefix: 'tlp_abcdefgh',
      type: 'personal',
      owner: { type: 'user', uid: 'usr_01HZZZZZZZZZZZZZZZZZZZZZZZ' },
      access: { operations: true, endpoints: [] },
      scopes: ['*'],
      expiresAt: null,
      ...token,
    },
    ...overrides,
  };
}
