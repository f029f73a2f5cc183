import { Type } from '@sinclair/typebox';

const UID_PATTERN = '_[0-9A-HJKMNP-TV-Z]{26}$';

export const tokenUid = Type.String({ pattern: `^tok${UID_PATTERN}`, description: 'Token uid.' });
export const userUid = Type.String({ pattern: `^usr${UID_PATTERN}`, description: 'User uid.' });
export const organizationUid = Type.String({ pattern: `^org${UID_PATTERN}`, description: 'Organization uid.' });
export const accountUid = Type.String({
  pattern: `^(org|usr)${UID_PATTERN}`,
  description: 'Account uid: the uid of its organization or of the user whose personal credits it holds.',
});
export const chargeUid = Type.String({ pattern: `^chg${UID_PATTERN}`, description: 'Charge uid; also of a reversal.' });
export const grantUid = Type.String({ pattern: `^grt${UID_PATTERN}`, description: 'Grant uid.' });
export const useId = Type.String({ pattern: `^use${UID_PATTERN}`, description: 'Id of one use of a token.' });
export const instant = Type.String({ description: 'Instant, RFC 3339 UTC with milliseconds.' });
export const amount = Type.String({ pattern: '^(0|[1-9][0-9]*)$', description: 'Credits, an integer.' });
export const signedAmount = Type.String({ pattern: '^-?(0|[1-9][0-9]*)$', description: 'Credits, an integer.' });
export const sha256Hex = Type.String({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256, hexadecimal.' });
export const handle = Type.String({ pattern: '^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$', description: 'Human id.' });
export const reason = Type.Union([Type.String(), Type.Null()], { description: 'Why, in the words of the actor.' });
export const nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T, description = '') =>
  Type.Union([schema, Type.Null()], description === '' ? {} : { description });

export const owner = Type.Object(
  {
    type: Type.Union([Type.Literal('user'), Type.Literal('organization'), Type.Literal('installation')]),
    uid: Type.String({ description: 'Uid of the user or organization, or `installation`.' }),
  },
  { description: 'Who owns the token.' },
);

export const access = Type.Object(
  {
    operations: Type.Boolean({ description: 'May call the management API.' }),
    endpoints: Type.Union([Type.Literal('all'), Type.Array(Type.String())], {
      description: 'Resources it may reach: `all`, also those created later, or a list.',
    }),
  },
  { description: 'What the token may reach.' },
);

/** Before and after of each changed field. */
export const changes = Type.Record(Type.String(), Type.Object({ before: Type.Unknown(), after: Type.Unknown() }), {
  description: 'Before and after of each changed field.',
});

export const allocations = Type.Array(Type.Object({ grantUid, amount }), {
  description: 'Which grants paid which part, in the order of consumption; the rest came from the overdraft.',
});
