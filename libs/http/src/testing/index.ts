export { type Call, type FeatureApplication, type Method, startFeatureApplication } from './feature-application.js';
export { idempotencyStoreContract } from './idempotency-store-contract.js';
export { MemoryIdempotencyStore } from './memory-idempotency-store.js';
export { type LogLine, startTestApplication, type TestApplication } from './test-application.js';
export { FixedAuthenticator, ManualProgress, testPrincipal } from './test-ports.js';
