export { MemoryAccountReadModel } from './memory-account-read-model.js';
