/** The parts of the API, in the order in which its page shows them, and what each is for. */
export const API_TAGS: readonly { readonly name: string; readonly description: string }[] = [
  { name: 'Verification', description: 'Asked on every request: is this token good, for this, and who pays?' },
  { name: 'Tokens', description: 'Create, find, change, disable, revoke; where and by whom each was used.' },
  { name: 'Directory', description: 'Users, organizations, their members and roles, settings.' },
  {
    name: 'Billing',
    description: 'Accounts, grants, charges and reversals; feeds of charges, in order, to resume at will.',
  },
  { name: 'Audit', description: 'Everything that happened: filters, and exports that say when they are complete.' },
  { name: 'Jobs and operation', description: 'Jobs, read models, health and metrics.' },
  { name: 'Documentation', description: 'This document, and every error code explained.' },
];
