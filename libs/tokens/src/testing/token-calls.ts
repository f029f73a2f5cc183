import type { Response } from 'light-my-request';
import { RandomIds } from '#libs/kernel';
import type { TokenDto } from '../token.dto.js';
import type { TokensServer } from './tokens-server.js';

export interface CreatedAnswer {
  readonly token: TokenDto;
  readonly secret: string | null;
}

export interface ProblemAnswer {
  readonly status: number;
  readonly code: string;
  /** Each named once. */
  readonly fields: readonly string[];
  readonly body: { readonly candidates?: readonly { readonly uid: string; readonly handle: string }[] };
}

export const PERSONAL = { type: 'personal', name: 'CI deploy', access: { operations: true } };

/** Ada, an admin of the organization Acme, and Eve, who is in no organization; new ones in each test. */
export interface People {
  readonly ada: string;
  readonly eve: string;
  readonly acme: string;
  readonly ids: RandomIds;
}

export function newPeople({ world, clock }: TokensServer): People {
  const ids = new RandomIds(() => clock.now());
  const acme = world.addOrganization(ids.uid('org'));
  const ada = world.addUser(ids.uid('usr'), { roles: { [acme]: 'admin' } });
  return { ada, eve: world.addUser(ids.uid('usr')), acme, ids };
}

/** Makes a personal token, with other content where given; throws when it is refused. */
export async function createToken(server: TokensServer, caller: string, over: object = {}): Promise<CreatedAnswer> {
  const response = await server.call(caller, 'POST', '/v1/tokens', { body: { ...PERSONAL, ...over } });
  if (response.statusCode !== 201) throw new Error(`not created: ${response.body}`);
  return response.json<CreatedAnswer>();
}

/** What a refused call answered. */
export async function problemOf(answer: Promise<Response>): Promise<ProblemAnswer> {
  const response = await answer;
  const body = response.json<ProblemAnswer['body'] & { code: string; errors?: { field: string }[] }>();
  return {
    status: response.statusCode,
    code: body.code,
    fields: [...new Set(body.errors?.map(({ field }) => field))],
    body,
  };
}
