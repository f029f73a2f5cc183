import type { JsonSchema } from '#libs/http';

const text = (maxLength: number, description: string): JsonSchema => ({
  anyOf: [{ type: 'string', maxLength }, { type: 'null' }],
  description,
});

/** Body of `POST /v1/verify`. Only `token` matters; without it the answer is the refusal `missing_token`. */
export const VERIFY_BODY: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  properties: {
    token: text(512, 'The token string that was presented.'),
    requester: text(128, 'Uid of the organization that is to be charged; absent: the owner of the token pays.'),
    scope: text(256, 'Scope that the token must have.'),
    resource: text(512, 'Resource that the token must reach.'),
    project: text(128, 'Project that the token must reach.'),
    environment: text(128, 'Environment that the token must reach.'),
    operation: text(256, 'What is done; stands in the charge and the audit log.'),
    cost: { type: 'string', pattern: '^(0|[1-9][0-9]{0,14})$', description: 'Credits, an integer; absent: free.' },
    idempotencyKey: text(
      255,
      'Repeats of a key with the same body are one use: for ever where it is charged, for 24 hours where it is free.',
    ),
    ip: { anyOf: [{ type: 'string', maxLength: 64 }, { type: 'null' }], description: 'Address of the client.' },
    userAgent: text(512, 'User agent of the client.'),
  },
};

/** Answer of `POST /v1/verify`. */
export const VERDICT: JsonSchema = {
  type: 'object',
  required: ['valid', 'code'],
  properties: {
    valid: { type: 'boolean' },
    code: { type: 'string', description: '`valid`, or why it is refused.' },
    detail: { type: 'string' },
    status: { type: 'integer', description: 'Status that a gateway must send on.' },
    wwwAuthenticate: { type: 'string', description: 'Challenge that a gateway must send on.' },
    tokenUid: { type: 'string' },
    type: { type: 'string' },
    owner: { type: 'object', properties: { type: { type: 'string' }, uid: { type: 'string' } } },
    principal: { type: 'string', description: 'Uid of the user or organization that the token authenticates.' },
    payer: { type: ['string', 'null'], description: 'Account that pays.' },
    scopes: { type: 'array', items: { type: 'string' } },
    expiresAt: { type: ['string', 'null'] },
    useId: { type: 'string' },
    chargeId: { type: 'string' },
    charged: { type: 'string', description: 'Credits.' },
    balance: { type: 'string', description: 'Balance of the payer after the charge.' },
    replayed: { type: 'boolean', description: 'This use was recorded before, under the same key.' },
  },
};

export const BATCH_ITEMS_MAX = 1_000;

/** Body of `POST /v1/verify/batch`. */
export const BATCH_BODY: JsonSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['items'],
  properties: { items: { type: 'array', minItems: 1, maxItems: BATCH_ITEMS_MAX, items: VERIFY_BODY } },
};

/** Answer of `POST /v1/verify/batch`: in the order of the items. */
export const BATCH_ANSWER: JsonSchema = {
  type: 'object',
  required: ['results'],
  properties: { results: { type: 'array', items: VERDICT } },
};

/** A body as the compiled schema has let it pass. */
export interface VerifyBody {
  readonly token?: string | null;
  readonly requester?: string | null;
  readonly scope?: string | null;
  readonly resource?: string | null;
  readonly project?: string | null;
  readonly environment?: string | null;
  readonly operation?: string | null;
  readonly cost?: string;
  readonly idempotencyKey?: string | null;
  readonly ip?: string | null;
  readonly userAgent?: string | null;
}
