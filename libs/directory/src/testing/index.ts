export { contextOf } from './command-context.js';
export { ACME, ADA, BOB, created, GLOBEX, member } from './directory-facts.js';
export { asInstallation, asOrganization, asUser } from './principals.js';
export { givenOrganization, givenUser } from './given.js';
export { refusal } from './refusal.js';
