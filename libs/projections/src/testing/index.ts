export { foldInMemory, type MemoryTable } from './fold-in-memory.js';
