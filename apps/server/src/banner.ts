import type { Settings } from '#libs/config';
import { dutiesOf } from './duties.js';

export interface BannerFacts {
  readonly address: string;
  readonly settings: Settings;
  /** Path of the file that holds the first admin token; null when the operator gave the tokens. */
  readonly adminTokenFile: string | null;
  /** Path of the file that holds tokens of an auditor and of a billing user of the demo; null: no demo. */
  readonly demoLoginsFile: string | null;
  readonly startedInMs: number;
  /** The default port was busy. */
  readonly movedFromPort: number | null;
}

/** What a person sees who has typed `npm start`: where it is, how to get in, and three lines that work when pasted. */
export function bannerOf(facts: BannerFacts): string {
  const { address, adminTokenFile, demoLoginsFile, settings, movedFromPort } = facts;
  const hasApi = dutiesOf(settings).serves;
  const lines = [
    '',
    `  ${nameOf(settings)} is listening on ${address}  (ready in ${(facts.startedInMs / 1000).toFixed(1)} s)`,
    ...(movedFromPort === null ? [] : [`  Port ${movedFromPort} was in use, so the next free one was taken.`]),
    hasApi ? `  Reference:   ${address}/docs` : `  Answers:     ${address}/health/ready and ${address}/metrics alone`,
    `  Data:        ${settings.databaseUrl === null ? settings.dataDir : 'the database of DATABASE_URL'}`,
    ...(settings.clockOffsetMs === 0
      ? []
      : [`  WARNING: the clock is shifted by ${settings.clockOffsetMs} ms (TOKEN_LEDGER_CLOCK_OFFSET_MS).`]),
  ];
  if (demoLoginsFile !== null) lines.push(`  Demo logins: ${demoLoginsFile}  (an auditor and a billing user)`);
  if (adminTokenFile === null) return [...lines, ''].join('\n');
  return [
    ...lines,
    `  Admin token: ${adminTokenFile}`,
    '',
    '  Try it:',
    '',
    `export TOKEN_LEDGER_ENDPOINT=${address} TOKEN_LEDGER_API_TOKEN="$(cat '${adminTokenFile}')"`,
    `curl -s "$TOKEN_LEDGER_ENDPOINT/v1/me" -H "Authorization: Bearer $TOKEN_LEDGER_API_TOKEN"`,
    `curl -s "$TOKEN_LEDGER_ENDPOINT/v1/organizations" -H "Authorization: Bearer $TOKEN_LEDGER_API_TOKEN" -H 'Content-Type: application/json' -d '{"handle":"acme","name":"Acme"}'`,
    `curl -s "$TOKEN_LEDGER_ENDPOINT/v1/audit/entries" -H "Authorization: Bearer $TOKEN_LEDGER_API_TOKEN"`,
    '',
  ].join('\n');
}

function nameOf({ role }: Settings): string {
  return role === 'all' ? 'Token Ledger' : `Token Ledger (${role})`;
}
