export { BreakingProxy } from './breaking-proxy.js';
export { createTestDatabase, type TestDatabase } from './create-test-database.js';
export { listenBefore } from './listen-before.js';
export { startTestPostgres, type TestPostgres } from './start-test-postgres.js';
